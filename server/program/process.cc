#include "server/program/process.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef TIDEMARK_STATIC
#include <nss.h>
#endif

#include <chrono>
#include <csignal>
#include <thread>

#include "base/log.h"
#include "server/program/memory.h"

namespace tidemark::server {
namespace {

// How long everything may take after the signal to stop.
constexpr std::chrono::seconds kStopPatience{30};

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void open_standard_streams() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (::fcntl(stream, F_GETFD) == -1) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

void prepare_process() {
  // All threads inherit the mask: the signals wait until the main thread takes them.
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // What the server keeps is nobody else's to read.
  ::umask(0077);
  prepare_allocator();
#ifdef TIDEMARK_STATIC
  // Names are looked up by what is in glibc itself: the hosts file, then DNS. What the machine's
  // nsswitch.conf asks for beyond that are shared libraries of the machine's own glibc, which this program
  // cannot load.
  __nss_configure_lookup("hosts", "files dns");
#endif
}

int wait_for_stop() {
  const sigset_t signals = stop_signals();
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

void watch_over_stop() {
  // What comes right behind the first signal is the same wish: `timeout` and terminals send it to the process
  // and to its group.
  constexpr std::chrono::milliseconds kSameWish{500};
  std::thread([kSameWish] {
    const sigset_t signals = stop_signals();
    std::this_thread::sleep_for(kSameWish);
    const timespec none{};
    while (sigtimedwait(&signals, nullptr, &none) > 0) {
    }
    const timespec patience{.tv_sec = kStopPatience.count(), .tv_nsec = 0};
    const bool is_asked_again = sigtimedwait(&signals, nullptr, &patience) > 0;
    log::error(is_asked_again ? "stopped at once: asked twice" : "stopped at once: stopping took too long");
    ::_exit(1);
  }).detach();
}

}  // namespace tidemark::server

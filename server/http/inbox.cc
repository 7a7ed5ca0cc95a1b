#include "server/http/inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tidemark::server {
namespace {

// After so many others have a turn: sockets, above all.
constexpr int kTurnTasks = 64;

}  // namespace

Result<void> Inbox::start() {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) {
    return fail(Error::io("cannot make an eventfd: " + std::generic_category().message(errno)));
  }
  boost::system::error_code error;
  wake_up_.assign(descriptor, error);
  if (error) {
    ::close(descriptor);
    return fail(Error::io("cannot wait for an eventfd: " + error.message()));
  }
  listen();
  return {};
}

void Inbox::put(MoveOnlyFunction<void()> task) {
  tasks_.put(std::move(task));
  // Once it has been woken the thread takes all that is there by then, so this too.
  if (is_waking_.exchange(true)) return;
  constexpr std::uint64_t kOne = 1;
  // Fails only where the count is at its end, which nobody reaches who writes it once for each reading.
  static_cast<void>(::write(wake_up_.native_handle(), &kOne, sizeof kOne));
}

void Inbox::listen() {
  wake_up_.async_read_some(asio::buffer(&woken_, sizeof woken_),
                           [this](const boost::system::error_code& error, std::size_t) {
                             if (error) return;  // the end
                             deliver();
                             listen();
                           });
}

void Inbox::deliver() {
  // Before looking: who puts something behind this wakes the thread again.
  is_waking_.exchange(false);
  for (int i = 0; i < kTurnTasks; ++i) {
    MoveOnlyFunction<void()> task = tasks_.take();
    if (!task) return;
    task();
  }
  if (!is_waking_.exchange(true)) asio::post(io_, [this] { deliver(); });
}

}  // namespace tidemark::server

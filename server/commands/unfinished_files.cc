#include "server/commands/unfinished_files.h"

#include <pthread.h>

#include <algorithm>

namespace tidemark::server {
namespace {

constexpr int kEnds[] = {SIGINT, SIGTERM, SIGHUP};
constexpr int kNoLonger = SIGUSR1;  // tells the thread that there is nothing to watch over

// A shell lets the programs that it starts behind itself ignore SIGINT, `nohup` SIGHUP.
bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

UnfinishedFiles::UnfinishedFiles(FileSystem& files) : files_(files) {
  sigemptyset(&ends_);
  for (const int signal : kEnds) {
    if (!is_ignored(signal)) sigaddset(&ends_, signal);
  }
  sigaddset(&ends_, kNoLonger);
  pthread_sigmask(SIG_BLOCK, &ends_, &before_);
  watch_ = std::thread([this] { watch(); });
}

UnfinishedFiles::~UnfinishedFiles() {
  pthread_kill(watch_.native_handle(), kNoLonger);
  watch_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

Result<void> UnfinishedFiles::make(const std::string& path, const std::function<Result<void>()>& make) {
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(paths_, path) == paths_.end()) paths_.push_back(path);
  return make();
}

void UnfinishedFiles::remove_all() {
  const std::lock_guard lock(mutex_);
  for (auto path = paths_.rbegin(); path != paths_.rend(); ++path) static_cast<void>(files_.remove(*path));
  paths_.clear();
}

void UnfinishedFiles::watch() {
  int signal = 0;
  if (sigwait(&ends_, &signal) != 0 || signal == kNoLonger) return;
  // The lock stays: nothing is made from here on.
  mutex_.lock();
  for (auto path = paths_.rbegin(); path != paths_.rend(); ++path) static_cast<void>(files_.remove(*path));
  // Ends as it would have ended, which shells look at.
  std::signal(signal, SIG_DFL);
  sigset_t only{};
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
}

}  // namespace tidemark::server

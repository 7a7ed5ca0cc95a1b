#include "s3emu/store/file_remover.h"

#include "base/log.h"

namespace tidemark::s3emu {

FileRemover::FileRemover(FileSystem& files, bool in_background) : files_(files) {
  if (in_background) thread_ = std::thread([this] { run(); });
}

FileRemover::~FileRemover() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void FileRemover::remove(std::vector<std::string> paths) {
  if (!thread_.joinable()) return unlink(paths);
  // Whoever asks for more than the disk can follow does it himself: the queue stays bounded.
  constexpr std::size_t kWaitingMax = 10'000;
  std::unique_lock lock(mutex_);
  if (waiting_.size() >= kWaitingMax) {
    lock.unlock();
    return unlink(paths);
  }
  waiting_.push_back(std::move(paths));
  lock.unlock();
  changed_.notify_all();
}

void FileRemover::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::vector<std::string> paths = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    unlink(paths);
    lock.lock();
  }
}

void FileRemover::unlink(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const auto removed = files_.remove(path);
    if (!removed && removed.error().code != ErrorCode::kNotFound) {
      log::warn("object data not removed", {{"error", removed.error().message}});
    }
  }
}

}  // namespace tidemark::s3emu

// Unlinks files on a thread of its own: for gigabytes that takes a while, and nobody needs to wait for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"

namespace tidemark::s3emu {

// Thread-safety: all methods may be called concurrently.
class FileRemover {
 public:
  // Without `in_background`, remove() itself does the work.
  FileRemover(FileSystem& files, bool in_background);
  // Unlinks what is still waiting.
  ~FileRemover();
  FileRemover(const FileRemover&) = delete;
  FileRemover& operator=(const FileRemover&) = delete;

  // Files that are not there are fine; other failures are logged.
  void remove(std::vector<std::string> paths);

 private:
  void run();
  void unlink(const std::vector<std::string>& paths);

  FileSystem& files_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<std::string>> waiting_;  // guarded by mutex_
  bool is_ending_ = false;                        // guarded by mutex_
  std::thread thread_;
};

}  // namespace tidemark::s3emu

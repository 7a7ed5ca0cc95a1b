// Files that are worth something only once all of them are there.
#pragma once

#include <csignal>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace tidemark::server {

// Made before the first of them and gone after the last. A signal that would end the process meanwhile
// (SIGINT, SIGTERM, SIGHUP) removes them first, and ends it then. One at a time in a process, made and
// destroyed by the same thread, with no other thread that takes signals.
class UnfinishedFiles {
 public:
  // The caller keeps `files` alive.
  explicit UnfinishedFiles(FileSystem& files);
  // Leaves the files where they are.
  ~UnfinishedFiles();
  UnfinishedFiles(const UnfinishedFiles&) = delete;
  UnfinishedFiles& operator=(const UnfinishedFiles&) = delete;

  // `make` makes the file, or the directory, at `path`; what it returns is returned.
  Result<void> make(const std::string& path, const std::function<Result<void>()>& make);
  // Removes what there is of them, the last one first; of directories those that are empty.
  void remove_all();

 private:
  void watch();

  FileSystem& files_;
  std::mutex mutex_;
  std::vector<std::string> paths_;
  sigset_t ends_{};    // the signals that would end the process
  sigset_t before_{};  // those that the thread that made this had blocked
  std::thread watch_;
};

}  // namespace tidemark::server

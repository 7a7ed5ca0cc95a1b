// The directory a server owns while it runs.
//
// ON DISK: `FORMAT`, a checked file (base/checked_file.h) of JSON, `{"format":6}`: the version of everything
// else in the directory. Written before anything else, and when a newer version of Tidemark takes it over.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"

namespace tidemark::server {

// Locks are flock()s: the kernel gives them back however the process ends.
class DataDirectory {
 public:
  // Creates the directory when it is missing and locks it. Errors: kUnavailable if another process has it
  // (the message names its pid); kInvalidArgument if its data is of another version of Tidemark, which is
  // then as it was; kCorruption; kIo.
  static Result<std::unique_ptr<DataDirectory>> open(const std::string& path);

  // A new private directory in the first of `bases` with 1 GiB free, or in the last of them; removed with the
  // object. Sweeps from all bases what processes left that are no more.
  // Errors: kIo.
  static Result<std::unique_ptr<DataDirectory>> create_temporary(const std::vector<std::string>& bases,
                                                                 Random& random);

  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  // The server has started: from now on the data stays. Until then the end of the object removes a directory
  // that open() made, with what is in it.
  void keep() { first_made_.clear(); }

 private:
  DataDirectory(std::string path, int lock, bool is_temporary)
      : path_(std::move(path)), lock_(lock), is_temporary_(is_temporary) {}

  const std::string path_;
  const int lock_;
  const bool is_temporary_;
  std::filesystem::path
      first_made_;  // the uppermost directory that was missing; empty: none was, or it stays
};

// Where temporary data goes: memory first, then $TMPDIR, then /tmp.
std::vector<std::string> temporary_bases();

}  // namespace tidemark::server

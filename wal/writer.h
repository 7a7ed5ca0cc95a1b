// Appends records to the change log.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "wal/record.h"

namespace tidemark::wal {

// Thread-safety: append() and rotate() by one thread at a time (the committer's leader); sync() from any
// thread.
class Writer {
 public:
  // Begins a new segment whose first record will be `next`. The caller keeps `files` alive.
  static Result<std::unique_ptr<Writer>> open(const std::string& directory, FileSystem& files,
                                              SequenceNumber next);

  // Appends one frame per payload with a single write. `*offset` receives where the first payload begins in
  // the current segment; payload i+1 begins kFrameHeaderBytes behind the end of payload i. Nothing is safe
  // from a power loss before sync(). On kIo or kNoSpace the torn frame is cut off again; when that fails too,
  // the writer refuses all later appends.
  Result<void> append(const std::vector<std::string>& payloads, std::uint64_t* offset);

  // fdatasync of the current segment, and of the directory when the segment is new.
  Result<void> sync();

  // Closes the segment and begins the next one, with `next` as its first sequence number.
  Result<void> rotate(SequenceNumber next);

  // The current segment; whoever holds it can read it after it was dropped from the directory.
  [[nodiscard]] std::shared_ptr<File> segment() const;
  [[nodiscard]] std::uint64_t segment_bytes() const;

 private:
  Writer(std::string directory, FileSystem& files) : directory_(std::move(directory)), files_(files) {}

  std::string directory_;
  FileSystem& files_;
  std::shared_ptr<File> segment_;
  bool broken_ = false;
  std::string buffer_;
};

}  // namespace tidemark::wal

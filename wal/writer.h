// Appends records to the change log.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "wal/record.h"
#include "wal/segment_format.h"

namespace tidemark::wal {

// Thread-safety: append(), undo_append() and rotate() by one thread at a time (the committer's leader), and
// rotations by one thread at a time; the others from any thread.
class Writer {
 public:
  // Begins a new segment whose first record will be `next`. The caller keeps `files` alive.
  // Errors: kCorruption when there is a segment of that name with records in it; kIo, kNoSpace.
  static Result<std::unique_ptr<Writer>> open(const std::string& directory, FileSystem& files,
                                              SequenceNumber next);

  // Appends one frame per payload with a single write. `*offset` receives where the first payload begins in
  // the current segment; payload i+1 begins kFrameHeaderBytes behind the end of payload i. Nothing is safe
  // from a power loss before sync(). On kIo or kNoSpace the torn frame is cut off again; when that fails too,
  // the writer refuses all later appends.
  Result<void> append(const std::vector<std::string>& payloads, std::uint64_t* offset);

  // Takes back the last append() after its sync() failed, as far as the file still allows, and refuses all
  // later appends: what is on disk is unknown until the log is opened again.
  void undo_append();

  // Makes everything appended before the call safe: fdatasync of the current segment, and where needed of the
  // one before it and of the directory. Costs nothing when there is nothing new.
  Result<void> sync();

  // Makes ready for a rotate() that does not wait for the disk: syncs what there is, and leaves a note beside
  // the segment that its end may not be safe yet when the next one begins (segment_format.h).
  Result<void> prepare_rotation();

  // Closes the segment and begins the next one, with `next` as its first sequence number. Does nothing while
  // the segment is empty. Syncs first, unless the rotation was prepared: then the next sync() makes up for
  // it. On an error the current segment stays in use.
  Result<void> rotate(SequenceNumber next);

  // The current segment; whoever holds it can read it after it was dropped from the directory.
  [[nodiscard]] std::shared_ptr<File> segment() const;
  [[nodiscard]] std::uint64_t segment_bytes() const;

 private:
  Writer(std::string directory, FileSystem& files) : directory_(std::move(directory)), files_(files) {}
  Result<std::shared_ptr<File>> begin_segment(SequenceNumber first);
  Result<void> settle();
  Result<void> cut_last_append();

  const std::string directory_;
  FileSystem& files_;
  std::unique_ptr<Directory> folder_;  // directory_, open: to make the log safe takes no descriptor more
  bool broken_ = false;                // this and the next two: the appending thread's
  std::uint64_t undo_bytes_ = kSegmentHeaderBytes;  // of the segment before the last append
  std::string buffer_;

  mutable std::mutex mutex_;
  // Replaced by the appending thread alone. Guarded by mutex_, as is all below.
  std::shared_ptr<File> segment_;
  SequenceNumber first_{};  // of the segment
  // The directory entry of the segment is safe, and its first bytes.
  bool directory_synced_ = false;
  std::uint64_t synced_bytes_ = kSegmentHeaderBytes;
  std::uint64_t cuts_ = 0;            // how often the end of the segment was cut off
  bool rotation_prepared_ = false;    // the note lies beside the segment
  std::shared_ptr<File> unsettled_;   // the segment before, while its end is not known to be safe
  SequenceNumber unsettled_first_{};  // its first sequence number

  std::mutex settle_mutex_;  // held while it is made safe; before mutex_
};

}  // namespace tidemark::wal

// Reads single records of the live log, by where they lie.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "wal/live_log.h"
#include "wal/record.h"

namespace tidemark::wal {

struct RecordPlace {
  SequenceNumber sequence{};
  std::uint64_t payload_offset = 0;  // in the segment that holds the record
  std::uint32_t payload_bytes = 0;
};

// Reads ahead a little, so records that lie together are cheap when they are read in order. It holds nothing
// back: use a hold to keep the records. Meant for one page: it only finds records that were published before
// it was made. Not thread-safe.
class RecordReader {
 public:
  // `log` must outlive the reader.
  explicit RecordReader(LiveLog& log) : log_(log) {}

  // Valid until the next call. Errors: kNotFound when the log does not hold the record any more; kCorruption,
  // naming file and offset, when there is another one; kIo.
  Result<const RecordView*> read(const RecordPlace& place);

 private:
  Result<void> open_segment(SequenceNumber with);
  Result<std::string_view> frame(const RecordPlace& place);

  LiveLog& log_;
  std::vector<SequenceNumber> segments_;  // empty until the first read
  SequenceNumber segment_end_{};          // of the open segment, 0 when it is the newest
  SequenceNumber segment_first_{};
  std::string path_;
  std::shared_ptr<const File> file_;
  std::string window_;  // what was read of the file, from window_start_ on
  std::uint64_t window_start_ = 0;
  RecordView record_;
};

}  // namespace tidemark::wal

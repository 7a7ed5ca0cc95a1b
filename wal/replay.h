// Reads the change log back at start-up, to rebuild what was not yet in RocksDB, and mends its end. For
// reading a log that is being written see tail.h.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "wal/record.h"

namespace tidemark::wal {

struct ReplayedRecord {
  const RecordView& record;
  std::shared_ptr<const File> segment;
  std::uint64_t payload_offset;  // of the payload in `segment`
  std::string_view payload;
};

struct ReplaySummary {
  SequenceNumber last{};       // 0 when the log is empty
  Timestamp last_commit_time;  // of that record
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

// Calls `visit` for every record with a sequence above `after`, in order. Segments wholly at or below `after`
// are not read.
//
// A torn tail (bytes behind the last valid frame of the last segment, with no valid frame behind them) is cut
// off; so is the last segment, where a note beside the one before it says that it may be ahead of that one's
// torn end. Errors: kInvalidArgument when another version of Tidemark wrote the log; kCorruption when a frame
// before the tail fails its checksum, or a sequence number or segment is missing: the message names the file
// and the offset, and nothing is changed. Errors of `visit` are passed on.
Result<ReplaySummary> replay(const std::string& directory, FileSystem& files, SequenceNumber after,
                             const std::function<Result<void>(const ReplayedRecord&)>& visit);

}  // namespace tidemark::wal

// What of the log nobody needs any more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "wal/record.h"

namespace tidemark::wal {

// What must stay.
struct LogNeed {
  SequenceNumber after{};          // every record above it
  std::optional<Timestamp> since;  // every record with a later commit time
};

// The records of one segment: from `first` up to, not including, `end`.
struct SegmentSpan {
  SequenceNumber first{};
  SequenceNumber end{};
  std::optional<Timestamp> end_time;  // the commit time of `end`, when that is there
};

// The segments at the front of the log in `directory` that hold nothing of `need`; never the newest one.
// Errors: kIo, kCorruption.
Result<std::vector<SegmentSpan>> unneeded_segments(const std::string& directory, FileSystem& files,
                                                   const LogNeed& need);
// Leaves of such segments those at the front that hold nothing of `need` either.
void keep_unneeded(const LogNeed& need, std::vector<SegmentSpan>* segments);

}  // namespace tidemark::wal

#include "wal/retention.h"

#include "wal/segment_format.h"
#include "wal/segment_reader.h"

namespace tidemark::wal {
namespace {

// Nothing when the segment has no record yet.
Result<std::optional<Timestamp>> first_commit_time(const std::string& path, FileSystem& files) {
  ASSIGN_OR_RETURN(auto file, files.open_read(path));
  SegmentReader segment(path, std::move(file));
  ASSIGN_OR_RETURN(const auto payload, segment.payload(kSegmentHeaderBytes));
  if (!payload) return std::nullopt;
  RecordView record;
  if (!parse_payload(*payload, &record)) {
    return fail(segment.corrupt(kSegmentHeaderBytes, "a record does not parse"));
  }
  return record.commit_time;
}

}  // namespace

Result<std::vector<SegmentSpan>> unneeded_segments(const std::string& directory, FileSystem& files,
                                                   const LogNeed& need) {
  std::vector<SegmentSpan> unneeded;
  ASSIGN_OR_RETURN(const auto segments, list_segments(directory, files));
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    // A segment ends where the next one begins, in sequence numbers as in commit times.
    const SequenceNumber end = segments[i + 1];
    if (previous(end) > need.after) break;
    if (need.since) {
      ASSIGN_OR_RETURN(const auto end_time, first_commit_time(directory + '/' + segment_name(end), files));
      if (!end_time || *end_time > *need.since) break;
    }
    unneeded.push_back({segments[i], end});
  }
  return unneeded;
}

}  // namespace tidemark::wal

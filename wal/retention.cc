#include "wal/retention.h"

#include <algorithm>

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

bool is_unneeded(const SegmentSpan& segment, const LogNeed& need) {
  if (previous(segment.end) > need.after) return false;
  return !need.since || (segment.end_time && *segment.end_time <= *need.since);
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
    ASSIGN_OR_RETURN(const auto end_time, first_commit_time(directory + '/' + segment_name(end), files));
    unneeded.push_back({segments[i], end, end_time});
    if (!is_unneeded(unneeded.back(), need)) {
      unneeded.pop_back();
      break;
    }
  }
  return unneeded;
}

void keep_unneeded(const LogNeed& need, std::vector<SegmentSpan>* segments) {
  const auto first_needed = std::find_if(segments->begin(), segments->end(), [&need](const auto& segment) {
    return !is_unneeded(segment, need);
  });
  segments->erase(first_needed, segments->end());
}

}  // namespace tidemark::wal

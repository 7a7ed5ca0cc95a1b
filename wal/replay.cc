#include "wal/replay.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "wal/segment_format.h"
#include "wal/segment_reader.h"

namespace tidemark::wal {
namespace {

// Replays segment after segment, in order.
class Replay {
 public:
  Replay(const std::string& directory, FileSystem& files, SequenceNumber after,
         const std::function<Result<void>(const ReplayedRecord&)>& visit)
      : directory_(directory), files_(files), after_(after), visit_(visit) {}

  Result<ReplaySummary> run();

 private:
  Result<void> read_segment(SequenceNumber first, bool is_last);
  // Visits records up to where the valid frames end, and returns that offset.
  Result<std::uint64_t> read_records(SegmentReader* segment);
  Result<void> visit_record(const SegmentReader& segment, std::uint64_t offset, std::string_view payload);
  Result<bool> has_frame_behind(SegmentReader* segment, std::uint64_t size, std::uint64_t offset) const;
  Result<void> cut_tail(const std::string& path, std::uint64_t size, std::uint64_t valid_bytes);

  const std::string& directory_;
  FileSystem& files_;
  const SequenceNumber after_;
  const std::function<Result<void>(const ReplayedRecord&)>& visit_;
  ReplaySummary summary_;
  RecordView record_;
};

Result<ReplaySummary> Replay::run() {
  ASSIGN_OR_RETURN(const auto segments, list_segments(directory_, files_));
  if (segments.empty()) {
    // The log is never empty again once something was written: the newest segment always stays.
    if (number(after_) > 0) {
      return fail(Error::corruption(directory_ + " has no log segment, but records up to " +
                                    std::to_string(number(after_)) + " were written"));
    }
    return summary_;
  }
  std::size_t begin = 0;
  while (begin + 1 < segments.size() && segments[begin + 1] <= next(after_)) ++begin;
  if (segments[begin] > next(after_)) {
    return fail(Error::corruption("the log segment with record " + std::to_string(number(next(after_))) +
                                  " is missing in " + directory_));
  }
  summary_.last = previous(segments[begin]);
  for (std::size_t i = begin; i < segments.size(); ++i) {
    if (segments[i] != next(summary_.last)) {
      return fail(Error::corruption("the log segment with record " +
                                    std::to_string(number(next(summary_.last))) + " is missing before " +
                                    directory_ + '/' + segment_name(segments[i])));
    }
    RETURN_IF_ERROR(read_segment(segments[i], i + 1 == segments.size()));
  }
  return summary_;
}

Result<void> Replay::read_segment(SequenceNumber first, bool is_last) {
  const std::string path = directory_ + '/' + segment_name(first);
  ASSIGN_OR_RETURN(const std::shared_ptr<const File> file, files_.open_read(path));
  const std::uint64_t size = file->size();
  if (is_last && size > kSegmentHeaderBytes) {
    // Written, but perhaps not safe: what is derived from a record, or a later segment, must never be on disk
    // without it.
    ASSIGN_OR_RETURN(const auto writable, files_.open_append(path));
    RETURN_IF_ERROR(writable->sync());
  }
  SegmentReader segment(path, file);
  ASSIGN_OR_RETURN(const auto header, segment.bytes(0, kSegmentHeaderBytes));
  // A header that is not whole has no records behind it: the segment was being made when the end came.
  std::uint64_t offset = 0;
  if (header.size() == kSegmentHeaderBytes || !is_last) {
    RETURN_IF_ERROR(check_segment_header(path, header, first));
    ASSIGN_OR_RETURN(offset, read_records(&segment));
  }
  if (offset == size) return {};
  // Only the last write of all can be torn: before a segment is begun, all of the one before it is synced.
  if (!is_last) return fail(segment.corrupt(offset, "a record is damaged"));
  ASSIGN_OR_RETURN(const bool damaged, has_frame_behind(&segment, size, offset));
  if (damaged) {
    return fail(segment.corrupt(offset, "a record is damaged, and there are valid ones behind it"));
  }
  return cut_tail(path, size, offset);
}

Result<std::uint64_t> Replay::read_records(SegmentReader* segment) {
  std::uint64_t offset = kSegmentHeaderBytes;
  for (;;) {
    ASSIGN_OR_RETURN(const auto payload, segment->payload(offset));
    if (!payload) return offset;
    RETURN_IF_ERROR(visit_record(*segment, offset + kFrameHeaderBytes, *payload));
    offset += kFrameHeaderBytes + payload->size();
  }
}

Result<void> Replay::visit_record(const SegmentReader& segment, std::uint64_t offset,
                                  std::string_view payload) {
  RETURN_IF_ERROR(parse_record(segment, offset, payload, next(summary_.last), &record_));
  summary_.last = record_.sequence;
  summary_.last_commit_time = record_.commit_time;
  if (record_.sequence <= after_) return {};
  summary_.records += 1;
  summary_.bytes += payload.size();
  return visit_({record_, segment.file(), offset, payload});
}

// Looks for a later record of this log behind the damage at `offset`: a torn write is the last one, so with
// such a record the damage is a hole. The length that stands at the damage cannot be trusted, so every offset
// is tried; the sequence number is compared before the checksum is computed, which makes this one pass.
Result<bool> Replay::has_frame_behind(SegmentReader* segment, std::uint64_t size,
                                      std::uint64_t offset) const {
  constexpr std::size_t kProbeBytes = kFrameHeaderBytes + 8;
  const std::uint64_t records_max = (size - offset) / (kFrameHeaderBytes + kPayloadBytesMin) + 1;
  for (std::uint64_t at = offset + 1; at + kFrameHeaderBytes + kPayloadBytesMin <= size; ++at) {
    ASSIGN_OR_RETURN(const auto probe, segment->bytes(at, kProbeBytes));
    const std::uint32_t length = read_u32_le(probe.data() + 4);
    if (length < kPayloadBytesMin || length > size - at - kFrameHeaderBytes) continue;
    const std::uint64_t sequence = read_u64_le(probe.data() + kFrameHeaderBytes);
    if (sequence <= number(summary_.last) || sequence > number(summary_.last) + records_max) continue;
    ASSIGN_OR_RETURN(const auto payload, segment->payload(at));
    if (payload) return true;
  }
  return false;
}

Result<void> Replay::cut_tail(const std::string& path, std::uint64_t size, std::uint64_t valid_bytes) {
  log::warn("cutting off a torn write at the end of the change log",
            {{"file", path}, {"offset", valid_bytes}, {"bytes", size - valid_bytes}});
  ASSIGN_OR_RETURN(const auto file, files_.open_append(path));
  RETURN_IF_ERROR(file->truncate(valid_bytes));
  return file->sync();
}

}  // namespace

Result<ReplaySummary> replay(const std::string& directory, FileSystem& files, SequenceNumber after,
                             const std::function<Result<void>(const ReplayedRecord&)>& visit) {
  return Replay(directory, files, after, visit).run();
}

}  // namespace tidemark::wal

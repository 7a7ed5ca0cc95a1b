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
  // How a segment may end.
  enum class End : std::uint8_t {
    kWhole,      // all of it was synced before the next one was begun
    kUnsettled,  // torn: then the next one, which is the last, does not count
    kLast,       // torn: the last write of all
  };
  [[nodiscard]] End end_of(std::size_t position) const;
  // Returns whether a torn end was cut off.
  Result<bool> read_segment(SequenceNumber first, End end);
  // Visits records up to where the valid frames end, and returns that offset.
  Result<std::uint64_t> read_records(SegmentReader* segment);
  Result<void> visit_record(const SegmentReader& segment, std::uint64_t offset, std::string_view payload);
  Result<bool> has_frame_behind(SegmentReader* segment, std::uint64_t size, std::uint64_t offset) const;
  Result<void> cut_tail(const std::string& path, std::uint64_t size, std::uint64_t valid_bytes);
  Result<void> drop_last_segment();
  Result<void> remove_notes();

  const std::string& directory_;
  FileSystem& files_;
  const SequenceNumber after_;
  const std::function<Result<void>(const ReplayedRecord&)>& visit_;
  std::vector<SequenceNumber> segments_;
  ReplaySummary summary_;
  RecordView record_;
};

Result<ReplaySummary> Replay::run() {
  ASSIGN_OR_RETURN(segments_, list_segments(directory_, files_));
  if (segments_.empty()) {
    // The log is never empty again once something was written: the newest segment always stays.
    if (number(after_) > 0) {
      return fail(Error::corruption(directory_ + " has no log segment, but records up to " +
                                    std::to_string(number(after_)) + " were written"));
    }
    return summary_;
  }
  std::size_t begin = 0;
  while (begin + 1 < segments_.size() && segments_[begin + 1] <= next(after_)) ++begin;
  if (segments_[begin] > next(after_)) {
    return fail(Error::corruption("the log segment with record " + std::to_string(number(next(after_))) +
                                  " is missing in " + directory_));
  }
  summary_.last = previous(segments_[begin]);
  for (std::size_t i = begin; i < segments_.size(); ++i) {
    if (segments_[i] != next(summary_.last)) {
      return fail(Error::corruption("the log segment with record " +
                                    std::to_string(number(next(summary_.last))) + " is missing before " +
                                    directory_ + '/' + segment_name(segments_[i])));
    }
    ASSIGN_OR_RETURN(const bool was_cut, read_segment(segments_[i], end_of(i)));
    if (was_cut) break;
  }
  RETURN_IF_ERROR(remove_notes());
  return summary_;
}

Replay::End Replay::end_of(std::size_t position) const {
  if (position + 1 == segments_.size()) return End::kLast;
  const bool may_be_torn = position + 2 == segments_.size() &&
                           files_.exists(directory_ + '/' + unsettled_name(segments_[position]));
  return may_be_torn ? End::kUnsettled : End::kWhole;
}

Result<bool> Replay::read_segment(SequenceNumber first, End end) {
  const std::string path = directory_ + '/' + segment_name(first);
  ASSIGN_OR_RETURN(const std::shared_ptr<const File> file, files_.open_read(path));
  const std::uint64_t size = file->size();
  if (end != End::kWhole && size > kSegmentHeaderBytes) {
    // Written, but perhaps not safe: what is derived from a record, or a later segment, must never be on disk
    // without it.
    ASSIGN_OR_RETURN(const auto writable, files_.open_append(path));
    RETURN_IF_ERROR(writable->sync());
  }
  SegmentReader segment(path, file);
  ASSIGN_OR_RETURN(const auto header, segment.bytes(0, kSegmentHeaderBytes));
  // A header that is not whole has no records behind it: the segment was being made when the end came.
  std::uint64_t offset = 0;
  if (header.size() == kSegmentHeaderBytes || end != End::kLast) {
    RETURN_IF_ERROR(check_segment_header(path, header, first));
    ASSIGN_OR_RETURN(offset, read_records(&segment));
  }
  if (offset == size) return false;
  if (end == End::kWhole) return fail(segment.corrupt(offset, "a record is damaged"));
  ASSIGN_OR_RETURN(const bool damaged, has_frame_behind(&segment, size, offset));
  if (damaged) {
    return fail(segment.corrupt(offset, "a record is damaged, and there are valid ones behind it"));
  }
  // In this order: without its torn end the segment would look whole.
  if (end == End::kUnsettled) RETURN_IF_ERROR(drop_last_segment());
  RETURN_IF_ERROR(cut_tail(path, size, offset));
  return true;
}

// Nothing in it was ever called safe: for that, the segment before it would have been made safe first.
Result<void> Replay::drop_last_segment() {
  const std::string path = directory_ + '/' + segment_name(segments_.back());
  log::warn("dropping the newest segment of the change log: what comes before it was lost", {{"file", path}});
  RETURN_IF_ERROR(files_.remove(path));
  return files_.sync_directory(directory_);
}

// Those beside a segment that is whole now, and those that a power loss brought back.
Result<void> Replay::remove_notes() {
  ASSIGN_OR_RETURN(const auto names, files_.list(directory_));
  for (const std::string& name : names) {
    if (parse_unsettled_name(name)) RETURN_IF_ERROR(files_.remove(directory_ + '/' + name));
  }
  return {};
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

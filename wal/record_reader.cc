#include "wal/record_reader.h"

#include <algorithm>

#include "wal/segment_format.h"

namespace tidemark::wal {
namespace {

// About what it costs as much to read as to ask for.
constexpr std::size_t kReadBytes = 64U << 10;

}  // namespace

Result<void> RecordReader::open_segment(SequenceNumber with) {
  if (segments_.empty()) {
    ASSIGN_OR_RETURN(segments_, list_segments(log_.directory(), log_.files()));
  }
  const auto behind = std::upper_bound(segments_.begin(), segments_.end(), with);
  if (behind == segments_.begin()) {
    return fail(Error::not_found("record " + std::to_string(number(with)) + " of the log is no longer held"));
  }
  file_.reset();
  segment_first_ = *(behind - 1);
  segment_end_ = behind == segments_.end() ? SequenceNumber{} : *behind;
  path_ = log_.directory() + '/' + segment_name(segment_first_);
  ASSIGN_OR_RETURN(file_, log_.files().open_read(path_));
  window_.clear();
  return {};
}

Result<std::string_view> RecordReader::frame(const RecordPlace& place) {
  const std::uint64_t begin = place.payload_offset - kFrameHeaderBytes;
  const std::size_t size = kFrameHeaderBytes + place.payload_bytes;
  if (begin < window_start_ || begin + size > window_start_ + window_.size()) {
    window_start_ = begin;
    window_.resize(std::max(size, kReadBytes));
    ASSIGN_OR_RETURN(const std::size_t count, file_->read_at(begin, window_.data(), window_.size()));
    window_.resize(count);
  }
  return std::string_view(window_).substr(static_cast<std::size_t>(begin - window_start_), size);
}

Result<const RecordView*> RecordReader::read(const RecordPlace& place) {
  const auto corrupt = [&] {
    return fail(Error::corruption(path_ + " at offset " + std::to_string(place.payload_offset) +
                                  ": not record " + std::to_string(number(place.sequence))));
  };
  const bool is_open = file_ && place.sequence >= segment_first_ &&
                       (segment_end_ == SequenceNumber{} || place.sequence < segment_end_);
  if (!is_open) RETURN_IF_ERROR(open_segment(place.sequence));
  if (place.payload_offset < kSegmentHeaderBytes + kFrameHeaderBytes) return corrupt();
  ASSIGN_OR_RETURN(const std::string_view bytes, frame(place));
  if (bytes.size() != kFrameHeaderBytes + place.payload_bytes) return corrupt();
  const auto payload = bytes.substr(kFrameHeaderBytes);
  if (!frame_is_valid(bytes.substr(0, kFrameHeaderBytes), payload)) return corrupt();
  if (!parse_payload(payload, &record_) || record_.sequence != place.sequence) return corrupt();
  return &record_;
}

}  // namespace tidemark::wal

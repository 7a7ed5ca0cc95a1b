#include "wal/tail.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "wal/segment_format.h"

namespace tidemark::wal {

Result<std::unique_ptr<Tail>> Tail::open(LiveLog& log, SequenceNumber from) {
  // First, so that the segments found below stay.
  ASSIGN_OR_RETURN(auto place, log.hold(from));
  std::unique_ptr<Tail> tail(new Tail(log, std::move(place), from));
  ASSIGN_OR_RETURN(const auto segments, list_segments(log.directory(), log.files()));
  const auto behind = std::upper_bound(segments.begin(), segments.end(), from);
  if (behind == segments.begin()) {
    return fail(Error::corruption("the log segment with record " + std::to_string(number(from)) +
                                  " is missing in " + log.directory()));
  }
  RETURN_IF_ERROR(tail->open_segment(*(behind - 1)));
  RETURN_IF_ERROR(tail->skip_to(from));
  return tail;
}

Result<void> Tail::open_segment(SequenceNumber first) {
  const std::string path = log_.directory() + '/' + segment_name(first);
  auto file = log_.files().open_read(path);
  if (!file && file.error().code == ErrorCode::kNotFound) {
    return fail(Error::corruption("the log segment " + path + " is missing"));
  }
  if (!file) return fail(std::move(file).error());
  segment_.emplace(path, *std::move(file));
  ASSIGN_OR_RETURN(const auto header, segment_->bytes(0, kSegmentHeaderBytes));
  RETURN_IF_ERROR(check_segment_header(path, header, first));
  next_ = first;
  offset_ = kSegmentHeaderBytes;
  return {};
}

Result<void> Tail::skip_to(SequenceNumber from) {
  while (next_ < from) {
    ASSIGN_OR_RETURN(const auto payload, read_published());
    static_cast<void>(payload);
  }
  return {};
}

Result<bool> Tail::next() {
  if (failure_) return fail(*failure_);
  auto found = read_next();
  if (!found) failure_ = found.error();
  return found;
}

Result<bool> Tail::read_next() {
  if (next_ > log_.published()) return false;
  const SequenceNumber expected = next_;
  ASSIGN_OR_RETURN(const auto payload, read_published());
  RETURN_IF_ERROR(parse_record(*segment_, offset_ - payload.size(), payload, expected, &record_));
  return true;
}

Result<std::string_view> Tail::read_published() {
  if (next_ > final_through_) {
    // Behind the last record that was published when they were read, the bytes may have been those of an
    // append that was taken back since.
    final_through_ = log_.published();
    segment_->forget();
  }
  ASSIGN_OR_RETURN(auto payload, segment_->payload(offset_));
  if (!payload) {
    // The record is published, so it is whole: either damaged, or the first one of the next segment.
    ASSIGN_OR_RETURN(const auto rest, segment_->bytes(offset_, 1));
    if (!rest.empty()) return fail(segment_->corrupt(offset_, "a record is damaged"));
    RETURN_IF_ERROR(open_segment(next_));
    place_->move_forward(next_);
    ASSIGN_OR_RETURN(payload, segment_->payload(offset_));
    if (!payload) return fail(segment_->corrupt(offset_, "a record is damaged"));
  }
  offset_ += kFrameHeaderBytes + payload->size();
  next_ = wal::next(next_);
  return *payload;
}

}  // namespace tidemark::wal

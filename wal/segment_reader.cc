#include "wal/segment_reader.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/release_memory.h"

namespace tidemark::wal {
namespace {

constexpr std::size_t kReadBytes = 1U << 20;
// A reader that met a large record should not keep its memory for as long as it lives.
constexpr std::size_t kBufferBytesKept = 4 * kReadBytes;

}  // namespace

SegmentReader::SegmentReader(std::string path, std::shared_ptr<const File> file)
    : path_(std::move(path)), file_(std::move(file)) {}

Result<std::string_view> SegmentReader::bytes(std::uint64_t offset, std::size_t size) {
  if (offset < start_ || offset + size > start_ + filled_) RETURN_IF_ERROR(fill(offset, size));
  const auto skip = static_cast<std::size_t>(offset - start_);
  return std::string_view(buffer_).substr(skip, std::min(size, filled_ - skip));
}

// `size` may come from a damaged frame, so the buffer grows only as far as there are bytes to put into it.
Result<void> SegmentReader::fill(std::uint64_t offset, std::size_t size) {
  if (size <= kReadBytes && buffer_.size() > kBufferBytesKept) release_memory(&buffer_);
  const std::size_t wanted = std::max(size, kReadBytes);
  start_ = offset;
  filled_ = 0;
  while (filled_ < wanted) {
    const std::size_t end = std::min(wanted, filled_ + kReadBytes);
    if (buffer_.size() < end) buffer_.resize(end);
    ASSIGN_OR_RETURN(const std::size_t count,
                     file_->read_at(start_ + filled_, buffer_.data() + filled_, end - filled_));
    filled_ += count;
    if (filled_ < end) break;
  }
  return {};
}

Result<std::optional<std::string_view>> SegmentReader::payload(std::uint64_t offset) {
  ASSIGN_OR_RETURN(const auto header, bytes(offset, kFrameHeaderBytes));
  if (header.size() < kFrameHeaderBytes) return std::nullopt;
  const std::uint32_t length = read_u32_le(header.data() + 4);
  if (length < kPayloadBytesMin) return std::nullopt;
  ASSIGN_OR_RETURN(const auto frame, bytes(offset, kFrameHeaderBytes + length));
  if (frame.size() < kFrameHeaderBytes + length) return std::nullopt;
  const auto payload = frame.substr(kFrameHeaderBytes);
  if (!frame_is_valid(frame.substr(0, kFrameHeaderBytes), payload)) return std::nullopt;
  return payload;
}

Error SegmentReader::corrupt(std::uint64_t offset, std::string_view what) const {
  return Error::corruption(path_ + " at offset " + std::to_string(offset) + ": " + std::string(what));
}

Result<void> parse_record(const SegmentReader& segment, std::uint64_t offset, std::string_view payload,
                          SequenceNumber expected, RecordView* record) {
  if (!parse_payload(payload, record)) return fail(segment.corrupt(offset, "a record does not parse"));
  if (record->sequence != expected) {
    return fail(segment.corrupt(offset, "expected record " + std::to_string(number(expected)) + ", found " +
                                            std::to_string(number(record->sequence))));
  }
  return {};
}

}  // namespace tidemark::wal

#include "api/streams/shard_iterator.h"

#include "base/bytes.h"
#include "base/digest.h"

namespace tidemark::api {
namespace {

// The same in all iterators. The service writes 1 or 2 here, nobody knows why.
constexpr std::string_view kMark = "|1|";
constexpr std::size_t kFieldBytes = 1 + 4 + 8 + 8 + 4 + 8;
constexpr std::size_t kChecksumBytes = 4;

void append_time(std::string* out, Timestamp time) {
  append_u64_be(out, static_cast<std::uint64_t>(time.micros));
}

Timestamp time_at(const char* bytes) { return {static_cast<std::int64_t>(read_u64_be(bytes))}; }

// Over the ARN, too, so that an iterator of one stream is none of another.
std::uint32_t checksum(std::string_view arn, std::string_view fields) {
  return crc32c(crc32c(0, arn), fields);
}

}  // namespace

std::string to_text(const ShardIterator& iterator) {
  std::string fields(1, iterator.is_at_trim_horizon ? '\1' : '\0');
  append_u32_be(&fields, static_cast<std::uint32_t>(iterator.partition));
  append_time(&fields, iterator.shard_begin);
  append_time(&fields, iterator.position.time);
  append_u32_be(&fields, iterator.position.ordinal);
  append_time(&fields, iterator.issued_at);
  append_u32_be(&fields, checksum(iterator.stream_arn, fields));
  std::string text = iterator.stream_arn;
  text.append(kMark);
  append_base64(&text, fields);
  return text;
}

std::optional<ShardIterator> parse_shard_iterator(std::string_view text) {
  const std::size_t mark = text.find(kMark);
  if (mark == std::string_view::npos) return std::nullopt;
  const auto fields = base64_decode(text.substr(mark + kMark.size()));
  if (!fields || fields->size() != kFieldBytes + kChecksumBytes) return std::nullopt;
  ShardIterator iterator;
  iterator.stream_arn = text.substr(0, mark);
  const char* const bytes = fields->data();
  if (read_u32_be(bytes + kFieldBytes) !=
      checksum(iterator.stream_arn, std::string_view(bytes, kFieldBytes))) {
    return std::nullopt;
  }
  iterator.is_at_trim_horizon = bytes[0] != 0;
  iterator.partition = storage::PartitionId{read_u32_be(bytes + 1)};
  iterator.shard_begin = time_at(bytes + 5);
  iterator.position = {.time = time_at(bytes + 13), .ordinal = read_u32_be(bytes + 21)};
  iterator.issued_at = time_at(bytes + 25);
  return iterator;
}

}  // namespace tidemark::api

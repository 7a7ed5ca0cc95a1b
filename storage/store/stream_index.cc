#include "storage/store/stream_index.h"

#include "base/bytes.h"

namespace tidemark::storage {
namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kValueBytes = 20;
constexpr std::size_t kMarkBytes = 4;

}  // namespace

std::string stream_key(PartitionId partition, Timestamp time, std::uint32_t ordinal) {
  std::string key;
  key.reserve(kKeyBytes);
  append_u32_be(&key, static_cast<std::uint32_t>(partition));
  append_u64_be(&key, static_cast<std::uint64_t>(time.micros));
  append_u32_be(&key, ordinal);
  return key;
}

std::string stream_value(const wal::RecordPlace& place) {
  std::string value;
  value.reserve(kValueBytes);
  append_u64_le(&value, wal::number(place.sequence));
  append_u64_le(&value, place.payload_offset);
  append_u32_le(&value, place.payload_bytes);
  return value;
}

Result<StreamIndexEntry> parse_stream_entry(std::string_view key, std::string_view value) {
  if (key.size() != kKeyBytes || value.size() != kValueBytes) {
    return fail(Error::corruption("the index of a stream has an entry that does not parse"));
  }
  return StreamIndexEntry{.time = {static_cast<std::int64_t>(read_u64_be(key.data() + 4))},
                          .ordinal = read_u32_be(key.data() + 12),
                          .place = {.sequence = wal::SequenceNumber{read_u64_le(value.data())},
                                    .payload_offset = read_u64_le(value.data() + 8),
                                    .payload_bytes = read_u32_le(value.data() + 16)}};
}

std::string stream_mark_key(PartitionId partition) {
  std::string key;
  append_u32_be(&key, static_cast<std::uint32_t>(partition));
  return key;
}

std::string stream_mark_value(std::uint32_t ordinal) {
  std::string value;
  append_u32_be(&value, ordinal);
  return value;
}

Result<StreamMark> parse_stream_mark(std::string_view key, std::string_view value) {
  if (key.size() != kMarkBytes || value.size() != kMarkBytes) {
    return fail(Error::corruption("a log record says of a stream what does not parse"));
  }
  return StreamMark{.partition = PartitionId{read_u32_be(key.data())}, .ordinal = read_u32_be(value.data())};
}

}  // namespace tidemark::storage

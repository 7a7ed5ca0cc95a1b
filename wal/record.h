// One record of the change log: what a commit did, as key-value writes with full images.
//
// A record is applied whole or not at all. Applying it again changes nothing, because every write carries its
// complete new value and replay always runs to the end of the log.
//
// ON DISK (little endian):
//   payload := sequence:u64  commit_time_us:u64  count:varint  write*
//   write   := head:u8  key:bytes  value:bytes  old_size:varint  [old:bytes]     bytes := length:varint byte*
//   head    := kind (bits 0-2) | space << 3 (bits 3-5) | has_history << 6 (bit 6)
//   old_size is 0 when there was no entry before, otherwise its counted size + 1. `old` is there when
//   has_history is set: the complete stored value that the write replaced, empty when there was none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace tidemark::wal {

// Consecutive from 1 over the whole life of a data directory.
enum class SequenceNumber : std::uint64_t {};

// Which key space a write belongs to. The log does not care what is in them.
enum class Space : std::uint8_t { kState = 0, kIndex = 1, kCatalog = 2 };

enum class WriteKind : std::uint8_t {
  kPut = 0,
  kDelete = 1,
  kDeleteRange = 2,     // key: begin, value: end (exclusive)
  kAdjustCounters = 3,  // key: 4-byte id, value: items:i64 bytes:i64, added to the id's counters (bulk loads)
};

// A write as the encoder takes it and the decoder gives it. The decoder's views point into the payload.
struct WriteView {
  WriteKind kind = WriteKind::kPut;
  Space space = Space::kState;
  std::string_view key;
  std::string_view value;
  std::optional<std::uint32_t> old_size;  // counted size of the entry that was there
  // With history: the stored value before, empty for "absent". Without: nothing.
  std::optional<std::string_view> old_value;
};

struct RecordView {
  SequenceNumber sequence{};
  Timestamp commit_time;
  std::vector<WriteView> writes;
};

// Appends the payload of a record to `*out`. When `old_value_offsets` is given, it receives for each write
// the offset of its old value inside the payload, 0 for those without history.
void append_payload(std::string* out, SequenceNumber sequence, Timestamp commit_time,
                    const std::vector<WriteView>& writes, std::vector<std::uint32_t>* old_value_offsets);

// Reuses the vector of `*record`. Errors: kCorruption.
Result<void> parse_payload(std::string_view payload, RecordView* record);

}  // namespace tidemark::wal

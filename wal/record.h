// One record of the change log: what a commit did, as key-value writes with full images.
//
// A record is applied whole or not at all. Applying it again changes nothing, because every write carries its
// complete new value and replay always runs to the end of the log.
//
// ON DISK (little endian), in segments of version 2 (segment_format.h):
//   payload := sequence:u64  commit_time_us:u64  origin:u8  count:varint  write*
//   write   := head:u8  key:bytes  value:bytes  old_size:varint  [old:bytes]     bytes := length:varint byte*
//   head    := kind (bits 0-2) | space << 3 (bits 3-4) | is_replicated << 5 (bit 5) | has_old << 6 (bit 6) |
//              in_history << 7 (bit 7)
//   old_size is 0 when there was no entry before, otherwise its counted size + 1. `old` is there when has_old
//   is set: the complete stored value that the write replaced, empty when there was none. in_history says
//   that it is an undo record of the history as well; it never stands without has_old. is_replicated says
//   that the write is another one of the record, carried out on another replica of the table, and stands with
//   the space kState alone; directories before format 6 have none (server/data_directory.h).
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

constexpr std::uint64_t number(SequenceNumber sequence) { return static_cast<std::uint64_t>(sequence); }
constexpr SequenceNumber next(SequenceNumber sequence) { return SequenceNumber{number(sequence) + 1}; }
// Needs a number above 0.
constexpr SequenceNumber previous(SequenceNumber sequence) { return SequenceNumber{number(sequence) - 1}; }

// Who made a commit. Later versions may add to the list: a number that is not in it is read, and written
// again, as it is.
enum class Origin : std::uint8_t {
  kClient = 0,       // a write operation of a client
  kTtl = 1,          // an item whose time to live had passed
  kImport = 2,       // the bulk load of an import
  kRestore = 3,      // the bulk load of a restore
  kRewind = 4,       // a table taken back to an earlier moment
  kReplication = 5,  // a write that another replica of the table made
  kBackfill = 6,     // entries of an index that is being built
  kSystem = 7,       // the catalog: tables, settings, documents
  kBulkPut = 8,      // an item that a bulk operation read from S3
};

// Which key space a write belongs to. The log does not care what is in them.
enum class Space : std::uint8_t {
  kState = 0,
  kIndex = 1,
  kCatalog = 2,
  kStream = 3,  // says of another write of the record that it is in a stream
};

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
  // The stored value before, empty for "absent"; nothing where nobody needs it.
  std::optional<std::string_view> old_value;
  // The old value is also an undo record of the history. Only with an old value.
  bool in_history = false;
  // Made by the write of another replica of the table: whoever made the commit, this one is replication.
  bool is_replicated = false;
};

struct RecordHead {
  SequenceNumber sequence{};
  Timestamp commit_time;
  Origin origin = Origin::kClient;
};

// Who made a write of the record.
constexpr Origin origin_of(const RecordHead& head, bool is_replicated) {
  return is_replicated ? Origin::kReplication : head.origin;
}

struct RecordView : RecordHead {
  std::vector<WriteView> writes;
};

// Appends the payload of a record to `*out`. When `history_offsets` is given, it receives for each write the
// offset of its old value inside the payload, 0 for those that are not in the history.
void append_payload(std::string* out, const RecordHead& head, const std::vector<WriteView>& writes,
                    std::vector<std::uint32_t>* history_offsets);

// Reuses the vector of `*record`. Errors: kCorruption.
Result<void> parse_payload(std::string_view payload, RecordView* record);

}  // namespace tidemark::wal

// The column family that says where the records of streams lie in the change log.
//
//   stream key   := partition:u32be  commit_time_us:u64be  ordinal:u32be
//   stream value := sequence:u64le  payload_offset:u64le  payload_bytes:u32le
//
// The value names a record of the log and its payload in the segment that holds it; `ordinal` is the write in
// it. Derived from the log, like all of RocksDB: a record says of which partition's stream its writes are.
//
// ON DISK: a change needs a new format of CHECKPOINT and a migration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "storage/partition.h"
#include "storage/query.h"
#include "wal/record.h"
#include "wal/record_reader.h"

namespace tidemark::storage {

std::string stream_key(PartitionId partition, Timestamp time, std::uint32_t ordinal);
std::string stream_value(const wal::RecordPlace& place);

struct StreamIndexEntry {
  Timestamp time;
  std::uint32_t ordinal = 0;
  wal::RecordPlace place;
};
// Errors: kCorruption.
Result<StreamIndexEntry> parse_stream_entry(std::string_view key, std::string_view value);

// What a record of the log says of one of its writes: a put to wal::Space::kStream.
//   key := partition:u32be   value := ordinal:u32be
std::string stream_mark_key(PartitionId partition);
std::string stream_mark_value(std::uint32_t ordinal);
struct StreamMark {
  PartitionId partition{};
  std::uint32_t ordinal = 0;
};
// Errors: kCorruption.
Result<StreamMark> parse_stream_mark(std::string_view key, std::string_view value);

}  // namespace tidemark::storage

// The values of the state and index column families: a small header, then canonical item text.
//
//   value := format:u8 (1)  flags:u8 (0)  write_time_us:u64le  size:varint  text
//
// `size` is the item's (or index entry's) size as the service counts it. An index entry has the same form;
// its text is the projection.
//
// ON DISK: a change needs a new format byte; old ones stay readable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "storage/query.h"

namespace tidemark::storage {

inline constexpr char kItemFormat = 1;
// Where the write time stands in every stored value, so that the committer can fill it in.
inline constexpr std::size_t kWriteTimeOffset = 2;

// What a stored value says. Views point into the value.
struct StoredView {
  std::string_view text;
  std::uint32_t size_bytes = 0;
  Timestamp write_time;
};

// Appends a stored value to `*out`.
void append_stored(std::string* out, Timestamp write_time, std::uint32_t size_bytes, std::string_view text);
// Overwrites the write time of a stored value. `record` points at its first byte.
void set_write_time(char* record, Timestamp write_time);

// Errors: kCorruption.
Result<StoredView> parse_stored(std::string_view record);
// Takes over the record. Errors: kCorruption.
Result<StoredItem> stored_item(std::string record);

}  // namespace tidemark::storage

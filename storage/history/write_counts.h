// What a run knows of how much was written in it: for each table and minute the number of records, by origin.
//
// ON DISK: a property of the run's file, `tidemark.writes`, absent where it would take more than
// kWritesBytesMax and in runs of former versions:
//   version:u8 = 1  table*
//   table  := id:u32be  minutes:varint  minute*         in order of the tables
//   minute := delta:varint  origin:u8  count:varint     delta: minutes since the one before, since 1970 for
//   the first;
//                                                       in order of minutes
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "storage/activity.h"

namespace rocksdb {
class TablePropertiesCollectorFactory;
}  // namespace rocksdb

namespace tidemark::storage {

inline constexpr const char* kWritesProperty = "tidemark.writes";
inline constexpr std::size_t kWritesBytesMax = 1 << 20;

// For the writers of runs.
std::shared_ptr<rocksdb::TablePropertiesCollectorFactory> write_counting_factory();

// Adds what the property says of the table, each minute at its start. Errors: kCorruption.
Result<void> add_counted_writes(std::string_view property, TableId table, WriteCounts* counts);

}  // namespace tidemark::storage

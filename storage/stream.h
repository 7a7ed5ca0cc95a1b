// A stream: what happened to the items of a table, as its readers see it.
//
// It begins when it is switched on for a table and ends when it is switched off or the table is
// deleted; switched on again, it is another one with another label. It can be read for a day after each
// change, whether or not it has ended. Its records are the changes of the log: see storage/shards.h for how
// they are numbered and divided.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "storage/partition.h"
#include "storage/table.h"

namespace tidemark::storage {

// How long records stay. Source: DynamoDB developer guide, "Data retention limit for DynamoDB Streams".
inline constexpr std::int64_t kStreamSeconds = 24 * 3'600;

struct Stream {
  std::string arn;  // <table arn>/stream/<label>
  std::string label;
  TableId table{};
  std::string table_name;
  std::string account_id;
  std::string region;
  std::string partition_key;
  std::string sort_key;  // empty: the table has none
  std::string view_type;
  // All its records are later.
  Timestamp created_at;
  // No record is later. Nothing while it is on.
  std::optional<Timestamp> ended_at;
  // Each has a line of shards of its own.
  std::vector<PartitionId> partitions;
};

}  // namespace tidemark::storage

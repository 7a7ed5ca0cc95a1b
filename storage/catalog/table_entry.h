// A table's entry in the catalog (ON DISK): one JSON object.
//
//   {"format":2,
//    "schema":{...},                                    model::to_json(), with the ids of the indexes
//    "partitions":[{"id":9,"first_hash":0,"last_hash":65535,"created_at":1767225600000000,"parent":7}],
//    "filled_by":{"kind":"import","key":"arn:..."},     only while a job fills the table: see Table
//    "replica":{"group":7,...}}                         only of a global table: storage/replica.h
//
// `partitions` stand in hash order and cover all hashes; `parent` is there for one that was split off, times
// are microseconds since 1970. Members may be added with a default; anything else needs a new format and a
// migration. Format 1, without the member, kept ids beside the schema.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/table.h"

namespace tidemark::storage {

inline constexpr std::int64_t kTableEntryFormat = 2;

std::string table_entry(const Table& table);

// Errors: kCorruption, also for another format: the message says so.
Result<Table> parse_table_entry(TableId id, std::string_view text);

}  // namespace tidemark::storage

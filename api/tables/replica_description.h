// Replicas as DescribeTable shows them.
// Source: DynamoDB API reference, ReplicaDescription.
#pragma once

#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "storage/table.h"

namespace tidemark::api {

// `CREATING`, `UPDATING`, `DELETING`, `ACTIVE`; CREATING also while a table that was there gets the items of
// the others.
std::string_view replica_status(const storage::Table& replica);

// The members of a table's description that say what it is in its global table: the other replicas, the
// version, the consistency. Nothing when `replicas`, the table included, is empty.
void render_global_table(const storage::Table& table, const std::vector<storage::TablePtr>& replicas,
                         JsonWriter& json);

// One replica, as the next value.
void render_replica(const storage::Table& replica, JsonWriter& json);

// The class of a table, as the next value.
void render_table_class(const model::TableSchema& schema, JsonWriter& json);

}  // namespace tidemark::api

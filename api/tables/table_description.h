// The TableDescription structure, in one place for every operation that answers with one.
// Source: DynamoDB API reference, TableDescription; members that appear only at times as recorded.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/json_writer.h"
#include "storage/engine.h"
#include "storage/table.h"
#include "timetravel/restore_record.h"

namespace tidemark::api {

// Which answer the description is for: they differ in what they leave out.
enum class DescriptionKind {
  kCreated,    // CreateTable: warm throughput only if it was asked for
  kDescribed,  // DescribeTable
  kUpdated,    // UpdateTable
  kDeleted,    // DeleteTable: no keys, indexes and creation time
};

// The live counters of a table and of its indexes.
using TableCounters = std::map<storage::TableId, storage::TableStats>;
TableCounters count(const storage::Engine& engine, const storage::Table& table);

struct TableDescription {
  storage::TablePtr table;
  TableCounters counters;  // what is not in it counts as empty
  DescriptionKind kind = DescriptionKind::kDescribed;
  std::optional<timetravel::RestoreRecord> restore = std::nullopt;  // which is filling the table
  std::vector<storage::TablePtr> replicas = {};  // of its global table, itself included; empty: it is none
};

// Writes the structure as the next value.
void render_table_description(const TableDescription& description, JsonWriter& json);

// Structures inside it that other answers show too, each as the next value.
void render_key_schema(const model::KeySchema& keys, JsonWriter& json);
void render_projection(const model::Projection& projection, JsonWriter& json);
void render_sse_description(const model::SseSettings& sse, JsonWriter& json);
std::string_view billing_mode_name(model::BillingMode mode);  // `PROVISIONED`

}  // namespace tidemark::api

#include "api/tables/table_description.h"

#include <algorithm>
#include <string>
#include <utility>

#include "api/tables/capacity_checks.h"
#include "api/tables/replica_description.h"
#include "api/tables/vector_indexes.h"

namespace tidemark::api {
namespace {

using model::BillingMode;
using model::IndexKind;

void render_attribute_definitions(const model::TableSchema& schema, JsonWriter& json) {
  json.begin_array();
  for (const model::AttributeDefinition& attribute : schema.attribute_definitions) {
    json.begin_object();
    json.member("AttributeName", attribute.name);
    json.member("AttributeType", model::key_type_descriptor(attribute.type));
    json.end_object();
  }
  json.end_array();
}

void render_throughput(const model::TableSchema& schema, const model::Throughput& throughput,
                       bool with_changes, JsonWriter& json) {
  json.begin_object();
  if (with_changes && schema.last_throughput_increase) {
    json.member("LastIncreaseDateTime", *schema.last_throughput_increase);
  }
  if (with_changes && schema.last_throughput_decrease) {
    json.member("LastDecreaseDateTime", *schema.last_throughput_decrease);
  }
  json.member("NumberOfDecreasesToday", std::int64_t{0});
  json.member("ReadCapacityUnits", throughput.read_units);
  json.member("WriteCapacityUnits", throughput.write_units);
  json.end_object();
}

// A limit that was removed is shown as -1 once, in the answer of UpdateTable.
void render_on_demand_throughput(const std::optional<model::OnDemandThroughput>& throughput,
                                 DescriptionKind kind, JsonWriter& json) {
  const auto is_shown = [kind](std::int64_t units) { return units > 0 || kind == DescriptionKind::kUpdated; };
  if (!throughput || !(is_shown(throughput->max_read_units) || is_shown(throughput->max_write_units))) return;
  json.key("OnDemandThroughput");
  json.begin_object();
  if (is_shown(throughput->max_read_units)) json.member("MaxReadRequestUnits", throughput->max_read_units);
  if (is_shown(throughput->max_write_units)) json.member("MaxWriteRequestUnits", throughput->max_write_units);
  json.end_object();
}

void render_warm_throughput(const model::TableSchema& schema,
                            const std::optional<model::Throughput>& requested,
                            const model::Throughput& provisioned, DescriptionKind kind, JsonWriter& json) {
  const bool is_new = kind == DescriptionKind::kCreated;
  if (kind == DescriptionKind::kDeleted || (is_new && !requested)) return;
  const model::Throughput units = warm_throughput_of(schema.billing_mode, provisioned, requested);
  json.key("WarmThroughput");
  json.begin_object();
  json.member("ReadUnitsPerSecond", units.read_units);
  json.member("Status", is_new ? "UPDATING" : "ACTIVE");
  json.member("WriteUnitsPerSecond", units.write_units);
  json.end_object();
}

void render_counters(const TableDescription& description, storage::TableId id, std::string_view size_member,
                     JsonWriter& json) {
  const auto found = description.counters.find(id);
  const storage::TableStats stats =
      found == description.counters.end() ? storage::TableStats{} : found->second;
  json.member(size_member, stats.size_bytes);
  json.member("ItemCount", stats.item_count);
}

void render_index(const TableDescription& description, const model::IndexSchema& index, JsonWriter& json) {
  const model::TableSchema& schema = description.table->schema;
  json.begin_object();
  if (index.kind == IndexKind::kVector) {
    render_vector_index_settings(index, json);
  } else {
    json.member("IndexName", index.name);
    json.key("KeySchema");
    render_key_schema(index.keys, json);
    json.key("Projection");
    render_projection(index.projection, json);
  }
  if (index.kind != IndexKind::kLocal) {
    json.member("IndexStatus", model::index_status_name(index.status));
    // First the index is made, while the table is UPDATING, then it is filled.
    if (index.backfilling) json.member("Backfilling", schema.status != model::TableStatus::kUpdating);
  }
  if (index.kind == IndexKind::kGlobal) {
    json.key("ProvisionedThroughput");
    render_throughput(schema, index.throughput, false, json);
    render_on_demand_throughput(index.on_demand_throughput, description.kind, json);
    render_warm_throughput(schema, index.warm_throughput, index.throughput, description.kind, json);
  }
  render_counters(description, index.id, "IndexSizeBytes", json);
  json.member("IndexArn", schema.arn() + "/index/" + index.name);
  json.end_object();
}

void render_indexes(const TableDescription& description, IndexKind kind, std::string_view member,
                    JsonWriter& json) {
  const std::vector<model::IndexSchema>& indexes = description.table->schema.indexes;
  const auto is_shown = [kind](const model::IndexSchema& index) { return index.kind == kind; };
  if (std::none_of(indexes.begin(), indexes.end(), is_shown)) return;
  json.key(member);
  json.begin_array();
  for (const model::IndexSchema& index : indexes) {
    if (is_shown(index)) render_index(description, index, json);
  }
  json.end_array();
}

void render_billing(const model::TableSchema& schema, DescriptionKind kind, JsonWriter& json) {
  json.key("ProvisionedThroughput");
  render_throughput(schema, schema.throughput, true, json);
  if (schema.last_update_to_pay_per_request) {
    json.key("BillingModeSummary");
    json.begin_object();
    json.member("BillingMode", billing_mode_name(schema.billing_mode));
    if (schema.status != model::TableStatus::kCreating) {
      json.member("LastUpdateToPayPerRequestDateTime", *schema.last_update_to_pay_per_request);
    }
    json.end_object();
  }
  render_on_demand_throughput(schema.on_demand_throughput, kind, json);
}

void render_stream(const model::TableSchema& schema, JsonWriter& json) {
  if (!schema.stream) return;
  if (schema.stream->enabled) {
    json.key("StreamSpecification");
    json.begin_object();
    json.member("StreamEnabled", true);
    json.member("StreamViewType", schema.stream->view_type);
    json.end_object();
  }
  json.member("LatestStreamLabel", schema.stream->label);
  json.member("LatestStreamArn", schema.arn() + "/stream/" + schema.stream->label);
}

void render_settings(const model::TableSchema& schema, JsonWriter& json) {
  json.member("DeletionProtectionEnabled", schema.deletion_protection);
  if (!schema.table_class.empty()) {
    json.key("TableClassSummary");
    json.begin_object();
    json.member("TableClass", schema.table_class);
    if (schema.table_class_updated_at) json.member("LastUpdateDateTime", *schema.table_class_updated_at);
    json.end_object();
  }
  if (schema.sse) {
    json.key("SSEDescription");
    render_sse_description(*schema.sse, json);
  }
  render_stream(schema, json);
}

void render_restore(const timetravel::RestoreRecord& restore, JsonWriter& json) {
  json.key("RestoreSummary");
  json.begin_object();
  if (restore.backup_arn) json.member("SourceBackupArn", *restore.backup_arn);
  json.member("SourceTableArn", restore.source_table_arn);
  json.member("RestoreDateTime", restore.restore_time);
  json.member("RestoreInProgress", true);
  json.end_object();
}

}  // namespace

std::string_view billing_mode_name(BillingMode mode) {
  return mode == BillingMode::kPayPerRequest ? "PAY_PER_REQUEST" : "PROVISIONED";
}

void render_sse_description(const model::SseSettings& sse, JsonWriter& json) {
  json.begin_object();
  json.member("Status", "ENABLED");
  json.member("SSEType", "KMS");
  json.member("KMSMasterKeyArn", sse.kms_key_arn);
  json.end_object();
}

void render_key_schema(const model::KeySchema& keys, JsonWriter& json) {
  const auto render = [&json](const std::vector<model::AttributeDefinition>& attributes, const char* type) {
    for (const model::AttributeDefinition& attribute : attributes) {
      json.begin_object();
      json.member("AttributeName", attribute.name);
      json.member("KeyType", type);
      json.end_object();
    }
  };
  json.begin_array();
  render(keys.partition_keys, "HASH");
  render(keys.sort_keys, "RANGE");
  json.end_array();
}

void render_projection(const model::Projection& projection, JsonWriter& json) {
  static constexpr std::string_view kNames[] = {"ALL", "KEYS_ONLY", "INCLUDE"};
  json.begin_object();
  json.member("ProjectionType", kNames[static_cast<std::size_t>(projection.type)]);
  if (projection.type == model::ProjectionType::kInclude) {
    json.key("NonKeyAttributes");
    json.begin_array();
    for (const std::string& name : projection.non_key_attributes) json.string(name);
    json.end_array();
  }
  json.end_object();
}

TableCounters count(const storage::Engine& engine, const storage::Table& table) {
  TableCounters counters;
  counters[table.id] = engine.stats(table.id);
  for (const model::IndexSchema& index : table.schema.indexes) counters[index.id] = engine.stats(index.id);
  return counters;
}

void render_table_description(const TableDescription& description, JsonWriter& json) {
  const model::TableSchema& schema = description.table->schema;
  json.begin_object();
  if (description.kind != DescriptionKind::kDeleted) {
    json.key("AttributeDefinitions");
    render_attribute_definitions(schema, json);
    json.key("KeySchema");
    render_key_schema(schema.keys, json);
    json.member("CreationDateTime", schema.created_at);
  }
  json.member("TableName", schema.name);
  json.member("TableStatus", model::table_status_name(schema.status));
  render_billing(schema, description.kind, json);
  render_counters(description, description.table->id, "TableSizeBytes", json);
  json.member("TableArn", schema.arn());
  json.member("TableId", schema.uuid);
  if (description.kind != DescriptionKind::kDeleted) {
    render_indexes(description, IndexKind::kLocal, "LocalSecondaryIndexes", json);
    render_indexes(description, IndexKind::kGlobal, "GlobalSecondaryIndexes", json);
    render_indexes(description, IndexKind::kVector, "VectorIndexes", json);
  }
  render_settings(schema, json);
  render_global_table(*description.table, description.replicas, json);
  if (description.restore) render_restore(*description.restore, json);
  render_warm_throughput(schema, schema.warm_throughput, schema.throughput, description.kind, json);
  json.end_object();
}

}  // namespace tidemark::api

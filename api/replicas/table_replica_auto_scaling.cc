#include "api/replicas/table_replica_auto_scaling.h"

#include <utility>

#include "api/replicas/auto_scaling.h"
#include "api/tables/replica_description.h"
#include "storage/replicas.h"

namespace tidemark::api {
namespace {

void render_indexes(const storage::Table& replica, JsonWriter& json) {
  json.key("GlobalSecondaryIndexes");
  json.begin_array();
  for (const model::IndexSchema& index : replica.schema.indexes) {
    if (index.kind != model::IndexKind::kGlobal) continue;
    json.begin_object();
    json.member("IndexName", index.name);
    json.member("IndexStatus", model::index_status_name(index.status));
    render_index_auto_scaling(*replica.replica, index.name, json);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

ScaledTable scaled_table(const OperationContext& context, storage::TablePtr table) {
  auto replicas = storage::replicas_of(context.engine.catalog(), *table);
  return {.table = std::move(table), .replicas = std::move(replicas)};
}

void render_auto_scaling_description(const ScaledTable& scaled, JsonWriter& json) {
  json.key("TableAutoScalingDescription");
  json.begin_object();
  json.member("TableName", scaled.table->schema.name);
  json.member("TableStatus", model::table_status_name(scaled.table->schema.status));
  json.key("Replicas");
  json.begin_array();
  for (const storage::TablePtr& replica : scaled.replicas) {
    json.begin_object();
    json.member("RegionName", replica->schema.region);
    render_indexes(*replica, json);
    render_auto_scaling(*replica->replica, auto_scaling_key(ScaledUnits::kRead),
                        "ReplicaProvisionedReadCapacityAutoScalingSettings", json);
    render_auto_scaling(*replica->replica, auto_scaling_key(ScaledUnits::kWrite),
                        "ReplicaProvisionedWriteCapacityAutoScalingSettings", json);
    json.member("ReplicaStatus", replica_status(*replica));
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace tidemark::api

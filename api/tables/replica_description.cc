#include "api/tables/replica_description.h"

#include <optional>
#include <string>

namespace tidemark::api {
namespace {

void render_override(std::string_view structure, std::string_view member,
                     const std::optional<std::int64_t>& units, JsonWriter& json) {
  if (!units) return;
  json.key(structure);
  json.begin_object();
  json.member(member, *units);
  json.end_object();
}

void render_overrides(const std::optional<std::int64_t>& read_units,
                      const std::optional<std::int64_t>& max_read_units, JsonWriter& json) {
  render_override("ProvisionedThroughputOverride", "ReadCapacityUnits", read_units, json);
  render_override("OnDemandThroughputOverride", "MaxReadRequestUnits", max_read_units, json);
}

const storage::IndexOverride* find_override(const storage::Replica& replica, std::string_view index_name) {
  for (const storage::IndexOverride& index : replica.indexes) {
    if (index.index_name == index_name) return &index;
  }
  return nullptr;
}

void render_indexes(const storage::Table& replica, JsonWriter& json) {
  bool has_any = false;
  for (const model::IndexSchema& index : replica.schema.indexes) {
    if (index.kind != model::IndexKind::kGlobal) continue;
    if (!has_any) {
      json.key("GlobalSecondaryIndexes");
      json.begin_array();
    }
    has_any = true;
    json.begin_object();
    json.member("IndexName", index.name);
    const storage::IndexOverride* const own = find_override(*replica.replica, index.name);
    if (own != nullptr) render_overrides(own->read_units, own->max_read_units, json);
    json.end_object();
  }
  if (has_any) json.end_array();
}

}  // namespace

std::string_view replica_status(const storage::Table& replica) {
  const bool is_new = replica.replica && replica.replica->is_filling;
  return model::table_status_name(is_new ? model::TableStatus::kCreating : replica.schema.status);
}

void render_table_class(const model::TableSchema& schema, JsonWriter& json) {
  json.begin_object();
  json.member("TableClass", schema.table_class.empty() ? std::string_view("STANDARD") : schema.table_class);
  if (schema.table_class_updated_at) json.member("LastUpdateDateTime", *schema.table_class_updated_at);
  json.end_object();
}

void render_replica(const storage::Table& replica, JsonWriter& json) {
  json.begin_object();
  json.member("RegionName", replica.schema.region);
  json.member("ReplicaStatus", replica_status(replica));
  json.member("ReplicaArn", replica.schema.arn());
  if (replica.schema.sse) json.member("KMSMasterKeyId", replica.schema.sse->kms_key_arn);
  render_overrides(replica.replica->read_units, replica.replica->max_read_units, json);
  render_indexes(replica, json);
  if (!replica.schema.table_class.empty()) {
    json.key("ReplicaTableClassSummary");
    render_table_class(replica.schema, json);
  }
  json.end_object();
}

void render_global_table(const storage::Table& table, const std::vector<storage::TablePtr>& replicas,
                         JsonWriter& json) {
  if (replicas.empty()) return;
  const storage::Replica& own = *table.replica;
  json.member("GlobalTableVersion", storage::global_table_version_name(own.version));
  // Version 2017.11.29 has operations of its own that tell of replicas.
  if (own.version == storage::GlobalTableVersion::k2017) return;
  json.key("Replicas");
  json.begin_array();
  for (const storage::TablePtr& replica : replicas) {
    if (replica->id != table.id) render_replica(*replica, json);
  }
  json.end_array();
  if (!own.witness_region.empty()) {
    json.key("GlobalTableWitnesses");
    json.begin_array();
    json.begin_object();
    json.member("RegionName", own.witness_region);
    json.member("WitnessStatus", "ACTIVE");
    json.end_object();
    json.end_array();
  }
  json.member("GlobalTableSettingsReplicationMode", "ENABLED_WITH_OVERRIDES");
  json.member("MultiRegionConsistency",
              storage::kRegionConsistencies[static_cast<std::size_t>(own.consistency)]);
}

}  // namespace tidemark::api

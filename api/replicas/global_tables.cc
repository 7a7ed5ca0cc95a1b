#include "api/replicas/global_tables.h"

#include <algorithm>
#include <map>
#include <utility>

#include "api/core/access.h"
#include "api/replicas/auto_scaling.h"
#include "api/tables/replica_description.h"
#include "api/tables/replica_updates.h"
#include "api/tables/table_description.h"
#include "api/tables/table_state.h"
#include "model/words/constraints.h"
#include "storage/replicas.h"

namespace tidemark::api {
namespace {

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

bool is_united(const storage::Table& table) {
  return table.replica && table.replica->version == storage::GlobalTableVersion::k2017;
}

bool have_same_projection(const model::IndexSchema& a, const model::IndexSchema& b) {
  return a.projection.type == b.projection.type &&
         std::ranges::is_permutation(a.projection.non_key_attributes, b.projection.non_key_attributes);
}

bool have_same_indexes(const model::TableSchema& a, const model::TableSchema& b) {
  const auto has_same = [&b](const model::IndexSchema& index) {
    const model::IndexSchema* const other = b.find_index(index.name);
    return other != nullptr && other->kind == index.kind && other->keys == index.keys &&
           have_same_projection(*other, index) && other->vector == index.vector;
  };
  return a.indexes.size() == b.indexes.size() && std::ranges::all_of(a.indexes, has_same);
}

void render_index_settings(const storage::Table& replica, JsonWriter& json) {
  const auto is_global = [](const model::IndexSchema& index) {
    return index.kind == model::IndexKind::kGlobal;
  };
  if (std::ranges::none_of(replica.schema.indexes, is_global)) return;
  json.key("ReplicaGlobalSecondaryIndexSettings");
  json.begin_array();
  for (const model::IndexSchema& index : replica.schema.indexes) {
    if (!is_global(index)) continue;
    json.begin_object();
    json.member("IndexName", index.name);
    json.member("IndexStatus", model::index_status_name(index.status));
    if (index.throughput.read_units > 0) {
      json.member("ProvisionedReadCapacityUnits", index.throughput.read_units);
      json.member("ProvisionedWriteCapacityUnits", index.throughput.write_units);
    }
    render_index_auto_scaling(*replica.replica, index.name, json);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::vector<GlobalTable> list_global_tables(const OperationContext& context) {
  std::map<std::string, std::vector<storage::TablePtr>> by_name;
  for (storage::TablePtr& table : context.engine.catalog().all()) {
    if (is_united(*table) && table->schema.account_id == context.owner.account_id) {
      by_name[table->schema.name].push_back(std::move(table));
    }
  }
  std::vector<GlobalTable> tables;
  for (auto& [name, replicas] : by_name) {
    std::ranges::sort(replicas, {}, [](const storage::TablePtr& replica) -> const std::string& {
      return replica->schema.region;
    });
    tables.push_back({.name = name, .replicas = std::move(replicas)});
  }
  return tables;
}

ApiResult<GlobalTable> find_global_table(const OperationContext& context, std::string_view name) {
  for (GlobalTable& table : list_global_tables(context)) {
    if (table.name == name) return std::move(table);
  }
  return fail(ApiError(ErrorType::kGlobalTableNotFound, "Global table not found: Global table with name: '" +
                                                            std::string(name) + "' does not exist."));
}

const storage::Table* find_replica(const GlobalTable& table, std::string_view region) {
  for (const storage::TablePtr& replica : table.replicas) {
    if (replica->schema.region == region) return replica.get();
  }
  return nullptr;
}

ApiResult<storage::TablePtr> find_candidate(const OperationContext& context, std::string_view name,
                                            const std::string& region, const storage::Table* first) {
  storage::TablePtr table =
      context.engine.catalog().find({.account_id = context.owner.account_id, .region = region}, name);
  if (!table) {
    return fail(ApiError(ErrorType::kTableNotFound, "Table not found: Table with name '" + std::string(name) +
                                                        "' does not exist in Region " + region));
  }
  const model::TableSchema& schema = table->schema;
  RETURN_IF_ERROR(check_access(context, *table, {}));
  RETURN_IF_ERROR(check_not_in_use(schema));
  if (storage::is_global(context.engine.catalog(), *table)) {
    return invalid("The table is a replica of a global table already, of version " +
                   std::string(storage::global_table_version_name(table->replica->version)) + ", in Region " +
                   region);
  }
  RETURN_IF_ERROR(check_no_bulk_operation(context, *table));
  if (!schema.stream || !schema.stream->enabled || schema.stream->view_type != "NEW_AND_OLD_IMAGES") {
    return invalid(
        "Table must have DynamoDB Streams enabled with StreamViewType NEW_AND_OLD_IMAGES in Region " +
        region);
  }
  if (context.engine.stats(table->id).item_count > 0) {
    return invalid("Table must be empty in Region " + region);
  }
  if (first != nullptr && (schema.keys != first->schema.keys || !have_same_indexes(schema, first->schema))) {
    return invalid("Tables must have the same key schema and the same indexes in all Regions");
  }
  return table;
}

Shape global_table_name() { return string().length(3, 255).name_pattern(); }

void render_global_table_description(const GlobalTable& table, std::string_view status, JsonWriter& json) {
  json.begin_object();
  json.key("ReplicationGroup");
  json.begin_array();
  for (const storage::TablePtr& replica : table.replicas) {
    json.begin_object();
    json.member("RegionName", replica->schema.region);
    json.member("ReplicaStatus", replica_status(*replica));
    json.end_object();
  }
  json.end_array();
  const storage::Table& first = *table.replicas.front();
  json.member("GlobalTableArn",
              "arn:aws:dynamodb::" + first.schema.account_id + ":global-table/" + table.name);
  json.member("CreationDateTime", first.replica->united_at);
  json.member("GlobalTableStatus", status);
  json.member("GlobalTableName", table.name);
  json.end_object();
}

void render_global_table_settings(const GlobalTable& table, JsonWriter& json) {
  json.member("GlobalTableName", table.name);
  json.key("ReplicaSettings");
  json.begin_array();
  for (const storage::TablePtr& replica : table.replicas) {
    const model::TableSchema& schema = replica->schema;
    json.begin_object();
    json.member("RegionName", schema.region);
    json.member("ReplicaStatus", replica_status(*replica));
    json.key("ReplicaBillingModeSummary");
    json.begin_object();
    json.member("BillingMode", billing_mode_name(schema.billing_mode));
    if (schema.last_update_to_pay_per_request) {
      json.member("LastUpdateToPayPerRequestDateTime", *schema.last_update_to_pay_per_request);
    }
    json.end_object();
    json.member("ReplicaProvisionedReadCapacityUnits", schema.throughput.read_units);
    json.member("ReplicaProvisionedWriteCapacityUnits", schema.throughput.write_units);
    render_auto_scaling(*replica->replica, auto_scaling_key(ScaledUnits::kRead),
                        "ReplicaProvisionedReadCapacityAutoScalingSettings", json);
    render_auto_scaling(*replica->replica, auto_scaling_key(ScaledUnits::kWrite),
                        "ReplicaProvisionedWriteCapacityAutoScalingSettings", json);
    render_index_settings(*replica, json);
    if (!schema.table_class.empty()) {
      json.key("ReplicaTableClassSummary");
      render_table_class(schema, json);
    }
    json.end_object();
  }
  json.end_array();
}

}  // namespace tidemark::api

#include <algorithm>
#include <utility>

#include "api/core/table_lookup.h"
#include "api/replicas/auto_scaling.h"
#include "api/replicas/replicas.h"
#include "api/tables/replica_description.h"
#include "api/tables/table_state.h"
#include "model/words/constraints.h"
#include "storage/replicas.h"

namespace tidemark::api {
namespace {

constexpr auto kRequired = Presence::kRequired;

struct ScalingRequest {
  std::string_view table_name;
  std::optional<Input> input;  // of an update
};

struct ScaledTable {
  storage::TablePtr table;
  std::vector<storage::TablePtr> replicas;  // the table included; empty: it is not global
};

Shape update_shape() {
  return structure(
      "UpdateTableReplicaAutoScalingInput",
      {{"TableName", table_name_or_arn(), Presence::kRequiredParameter},
       {"GlobalSecondaryIndexUpdates",
        list_of(structure("GlobalSecondaryIndexAutoScalingUpdate",
                          {{"IndexName", index_name()},
                           {"ProvisionedWriteCapacityAutoScalingUpdate", auto_scaling_update()}}))
            .length(1, INT32_MAX)},
       {"ProvisionedWriteCapacityAutoScalingUpdate", auto_scaling_update()},
       {"ReplicaUpdates",
        list_of(structure("ReplicaAutoScalingUpdate",
                          {{"RegionName", string(), kRequired},
                           {"ReplicaGlobalSecondaryIndexUpdates",
                            list_of(structure(
                                "ReplicaGlobalSecondaryIndexAutoScalingUpdate",
                                {{"IndexName", index_name()},
                                 {"ProvisionedReadCapacityAutoScalingUpdate", auto_scaling_update()}}))},
                           {"ReplicaProvisionedReadCapacityAutoScalingUpdate", auto_scaling_update()}}))
            .length(1, INT32_MAX)}});
}

ApiResult<ScalingRequest> parse(const Input& input) {
  return ScalingRequest{.table_name = input.string("TableName").value_or(""), .input = {}};
}

ApiResult<ScalingRequest> parse_update(const Input& input) {
  return ScalingRequest{.table_name = input.string("TableName").value_or(""), .input = input};
}

ApiResult<void> apply_to_indexes(const Input& input, std::string_view list_member, std::string_view member,
                                 ScaledUnits units, const model::TableSchema& schema,
                                 storage::Replica* replica) {
  const auto list = input.list(list_member);
  if (!list) return {};
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    const Input update = input.inside(value);
    const std::string name(update.string("IndexName").value_or(""));
    if (schema.find_index(name) == nullptr) {
      return fail(
          validation(words::invalid_parameter("The table does not have the specified index: " + name)));
    }
    RETURN_IF_ERROR(apply_auto_scaling(update, member, auto_scaling_key(units, name), replica));
  }
  return {};
}

ApiResult<void> apply_to_all(const Input& input, const model::TableSchema& schema,
                             storage::Replica* replica) {
  constexpr std::string_view kMember = "ProvisionedWriteCapacityAutoScalingUpdate";
  RETURN_IF_ERROR(apply_auto_scaling(input, kMember, auto_scaling_key(ScaledUnits::kWrite), replica));
  return apply_to_indexes(input, "GlobalSecondaryIndexUpdates", kMember, ScaledUnits::kWrite, schema,
                          replica);
}

ApiResult<void> apply_to_one(const Input& update, const model::TableSchema& schema,
                             storage::Replica* replica) {
  RETURN_IF_ERROR(apply_auto_scaling(update, "ReplicaProvisionedReadCapacityAutoScalingUpdate",
                                     auto_scaling_key(ScaledUnits::kRead), replica));
  return apply_to_indexes(update, "ReplicaGlobalSecondaryIndexUpdates",
                          "ProvisionedReadCapacityAutoScalingUpdate", ScaledUnits::kRead, schema, replica);
}

ApiResult<void> apply_update(const Input& input, storage::TableChange* change) {
  const model::TableSchema& schema = change->table()->schema;
  RETURN_IF_ERROR(apply_to_all(input, schema, &*change->replica()));
  for (storage::PeerChange& peer : change->peers())
    RETURN_IF_ERROR(apply_to_all(input, schema, &peer.replica));
  const auto list = input.list("ReplicaUpdates");
  if (!list) return {};
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    const Input update = input.inside(value);
    const std::string region = update.required_string("RegionName");
    storage::Replica* replica = region == schema.region ? &*change->replica() : nullptr;
    for (storage::PeerChange& peer : change->peers()) {
      if (peer.table->schema.region == region) replica = &peer.replica;
    }
    if (replica == nullptr) {
      return fail(validation(
          "Replica specified in the Replica Update or Replica Delete action of the request was not found."));
    }
    RETURN_IF_ERROR(apply_to_one(update, schema, replica));
  }
  return {};
}

ApiResult<ScaledTable> execute(const ScalingRequest& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TablePtr table, existing_table(context, request.table_name));
  auto replicas = storage::replicas_of(context.engine.catalog(), *table);
  return ScaledTable{.table = std::move(table), .replicas = std::move(replicas)};
}

ApiResult<ScaledTable> execute_update(const ScalingRequest& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_active_table(context, request.table_name));
  if (change.peers().empty()) {
    return fail(validation(words::invalid_parameter("The table is not a global table")));
  }
  RETURN_IF_ERROR(apply_update(*request.input, &change));
  RETURN_IF_ERROR(context.engine.table_states().save(std::move(change)));
  return execute(request, context);
}

void render_indexes(const storage::Table& replica, JsonWriter& json) {
  json.key("GlobalSecondaryIndexes");
  json.begin_array();
  for (const model::IndexSchema& index : replica.schema.indexes) {
    if (index.kind != model::IndexKind::kGlobal) continue;
    json.begin_object();
    json.member("IndexName", index.name);
    json.member("IndexStatus", model::index_status_name(index.status));
    render_auto_scaling(*replica.replica, auto_scaling_key(ScaledUnits::kRead, index.name),
                        "ProvisionedReadCapacityAutoScalingSettings", json);
    render_auto_scaling(*replica.replica, auto_scaling_key(ScaledUnits::kWrite, index.name),
                        "ProvisionedWriteCapacityAutoScalingSettings", json);
    json.end_object();
  }
  json.end_array();
}

void render(const ScalingRequest&, const ScaledTable& scaled, JsonWriter& json) {
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

}  // namespace

Operation describe_table_replica_auto_scaling() {
  return make_operation("DescribeTableReplicaAutoScaling", Cost::kQuickRead,
                        structure("DescribeTableReplicaAutoScalingInput",
                                  {{"TableName", table_name_or_arn(), Presence::kRequiredParameter}}),
                        parse, execute, render);
}

Operation update_table_replica_auto_scaling() {
  return make_operation("UpdateTableReplicaAutoScaling", Cost::kSlow, update_shape(), parse_update,
                        execute_update, render);
}

}  // namespace tidemark::api

#include <utility>

#include "api/core/table_lookup.h"
#include "api/replicas/auto_scaling.h"
#include "api/replicas/replicas.h"
#include "api/replicas/table_replica_auto_scaling.h"
#include "api/tables/table_state.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"

namespace tidemark::api {
namespace {

constexpr auto kRequired = Presence::kRequired;

struct Request {
  std::string_view table_name;
  Input input;
};

Shape shape() {
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

ApiResult<Request> parse(const Input& input) {
  return Request{.table_name = input.string("TableName").value_or(""), .input = input};
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
      return fail(validation(words::invalid_parameter(words::no_such_index(name))));
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
      return fail(validation(words::kNoSuchReplica));
    }
    RETURN_IF_ERROR(apply_to_one(update, schema, replica));
  }
  return {};
}

ApiResult<ScaledTable> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_active_table(context, request.table_name));
  if (change.peers().empty()) {
    return fail(validation(words::invalid_parameter("The table is not a global table")));
  }
  RETURN_IF_ERROR(apply_update(request.input, &change));
  RETURN_IF_ERROR(context.engine.table_states().save(std::move(change)));
  ASSIGN_OR_RETURN(storage::TablePtr table, existing_table(context, request.table_name));
  return scaled_table(context, std::move(table));
}

void render(const Request&, const ScaledTable& scaled, JsonWriter& json) {
  render_auto_scaling_description(scaled, json);
}

}  // namespace

Operation update_table_replica_auto_scaling() {
  return make_operation("UpdateTableReplicaAutoScaling", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

#include <algorithm>
#include <utility>

#include "api/replicas/auto_scaling.h"
#include "api/replicas/global_tables.h"
#include "api/replicas/replicas.h"
#include "api/tables/table_definition.h"
#include "api/tables/table_shapes.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"

namespace tidemark::api {
namespace {

constexpr auto kRequired = Presence::kRequired;

// Read as it is applied: what is asked for has the form of what it changes.
struct Request {
  std::string name;
  Input input;
};

// A replica that is changed.
struct Target {
  model::TableSchema* schema;
  storage::Replica* replica;
};

Shape units() { return long_integer().at_least(1); }

Shape shape() {
  return structure(
      "UpdateGlobalTableSettingsInput",
      {{"GlobalTableName", global_table_name(), kRequired},
       {"GlobalTableBillingMode", billing_mode()},
       {"GlobalTableProvisionedWriteCapacityUnits", units()},
       {"GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate", auto_scaling_update()},
       {"GlobalTableGlobalSecondaryIndexSettingsUpdate",
        list_of(structure("GlobalTableGlobalSecondaryIndexSettingsUpdate",
                          {{"IndexName", index_name(), kRequired},
                           {"ProvisionedWriteCapacityUnits", units()},
                           {"ProvisionedWriteCapacityAutoScalingSettingsUpdate", auto_scaling_update()}}))
            .length(1, 20)},
       {"ReplicaSettingsUpdate",
        list_of(structure("ReplicaSettingsUpdate",
                          {{"RegionName", string(), kRequired},
                           {"ReplicaProvisionedReadCapacityUnits", units()},
                           {"ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate", auto_scaling_update()},
                           {"ReplicaGlobalSecondaryIndexSettingsUpdate",
                            list_of(structure("ReplicaGlobalSecondaryIndexSettingsUpdate",
                                              {{"IndexName", index_name(), kRequired},
                                               {"ProvisionedReadCapacityUnits", units()},
                                               {"ProvisionedReadCapacityAutoScalingSettingsUpdate",
                                                auto_scaling_update()}}))
                                .length(1, 20)},
                           {"ReplicaTableClass", enumeration({"STANDARD", "STANDARD_INFREQUENT_ACCESS"})}}))
            .length(1, 50)}});
}

ApiResult<Request> parse(const Input& input) {
  return Request{.name = input.required_string("GlobalTableName"), .input = input};
}

std::vector<Input> elements_of(const Input& input, std::string_view member) {
  std::vector<Input> elements;
  const auto list = input.list(member);
  if (!list) return elements;
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    elements.push_back(input.inside(value));
  }
  return elements;
}

ApiResult<model::IndexSchema*> find_index(const Input& update, model::TableSchema& schema) {
  const std::string name = update.required_string("IndexName");
  for (model::IndexSchema& index : schema.indexes) {
    if (index.kind == model::IndexKind::kGlobal && index.name == name) return &index;
  }
  return fail(ApiError(ErrorType::kIndexNotFound, "Index not found: " + name));
}

ApiResult<void> check_takes_units(const model::TableSchema& schema) {
  if (schema.billing_mode == model::BillingMode::kProvisioned) return {};
  return fail(validation(words::invalid_parameter(words::kNoUnitsOnDemand)));
}

ApiResult<void> apply_units(const Input& input, std::string_view member, const model::TableSchema& schema,
                            std::int64_t* units_of_table) {
  const auto wanted = input.integer(member);
  if (!wanted) return {};
  RETURN_IF_ERROR(check_takes_units(schema));
  *units_of_table = *wanted;
  return {};
}

ApiResult<void> apply_billing(const Input& input, Timestamp now, model::TableSchema& schema) {
  const auto wanted = input.string("GlobalTableBillingMode");
  if (!wanted) return {};
  const model::BillingMode mode = billing_mode_of(*wanted);
  if (mode == schema.billing_mode) return {};
  schema.billing_mode = mode;
  if (mode == model::BillingMode::kPayPerRequest) {
    schema.last_update_to_pay_per_request = now;
    schema.throughput = {};
    for (model::IndexSchema& index : schema.indexes) index.throughput = {};
    return {};
  }
  if (!input.has("GlobalTableProvisionedWriteCapacityUnits")) {
    return fail(validation(words::invalid_parameter(
        "GlobalTableProvisionedWriteCapacityUnits must be specified when GlobalTableBillingMode is "
        "PROVISIONED")));
  }
  const model::Throughput least{.read_units = 1, .write_units = 1};
  schema.throughput = least;
  for (model::IndexSchema& index : schema.indexes) {
    if (index.kind == model::IndexKind::kGlobal) index.throughput = least;
  }
  return {};
}

// What all replicas share.
ApiResult<void> apply_to_all(const Input& input, Timestamp now, const Target& target) {
  model::TableSchema& schema = *target.schema;
  RETURN_IF_ERROR(apply_billing(input, now, schema));
  RETURN_IF_ERROR(
      apply_units(input, "GlobalTableProvisionedWriteCapacityUnits", schema, &schema.throughput.write_units));
  RETURN_IF_ERROR(apply_auto_scaling(input, "GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate",
                                     auto_scaling_key(ScaledUnits::kWrite), target.replica));
  for (const Input& update : elements_of(input, "GlobalTableGlobalSecondaryIndexSettingsUpdate")) {
    ASSIGN_OR_RETURN(model::IndexSchema* const index, find_index(update, schema));
    RETURN_IF_ERROR(
        apply_units(update, "ProvisionedWriteCapacityUnits", schema, &index->throughput.write_units));
    RETURN_IF_ERROR(apply_auto_scaling(update, "ProvisionedWriteCapacityAutoScalingSettingsUpdate",
                                       auto_scaling_key(ScaledUnits::kWrite, index->name), target.replica));
  }
  return {};
}

ApiResult<void> apply_to_one(const Input& update, Timestamp now, const Target& target) {
  model::TableSchema& schema = *target.schema;
  RETURN_IF_ERROR(
      apply_units(update, "ReplicaProvisionedReadCapacityUnits", schema, &schema.throughput.read_units));
  RETURN_IF_ERROR(apply_auto_scaling(update, "ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate",
                                     auto_scaling_key(ScaledUnits::kRead), target.replica));
  for (const Input& change : elements_of(update, "ReplicaGlobalSecondaryIndexSettingsUpdate")) {
    ASSIGN_OR_RETURN(model::IndexSchema* const index, find_index(change, schema));
    RETURN_IF_ERROR(
        apply_units(change, "ProvisionedReadCapacityUnits", schema, &index->throughput.read_units));
    RETURN_IF_ERROR(apply_auto_scaling(change, "ProvisionedReadCapacityAutoScalingSettingsUpdate",
                                       auto_scaling_key(ScaledUnits::kRead, index->name), target.replica));
  }
  if (const auto table_class = update.string("ReplicaTableClass")) {
    schema.table_class = *table_class;
    schema.table_class_updated_at = now;
  }
  return {};
}

std::vector<Target> targets_of(storage::TableChange& change) {
  std::vector<Target> targets{{.schema = &change.settings(), .replica = &*change.replica()}};
  for (storage::PeerChange& peer : change.peers()) {
    targets.push_back({.schema = &peer.settings, .replica = &peer.replica});
  }
  return targets;
}

ApiResult<GlobalTable> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const GlobalTable table, find_global_table(context, request.name));
  storage::TableStates& states = context.engine.table_states();
  ASSIGN_OR_RETURN(storage::TableChange change, states.hold(table.replicas.front()->id));
  if (!change.replica()) return find_global_table(context, request.name);
  const Timestamp now = context.clock.now();
  const std::vector<Target> targets = targets_of(change);
  for (const Target& target : targets) RETURN_IF_ERROR(apply_to_all(request.input, now, target));
  for (const Input& update : elements_of(request.input, "ReplicaSettingsUpdate")) {
    const std::string region = update.required_string("RegionName");
    const auto target = std::ranges::find_if(
        targets, [&region](const Target& known) { return known.schema->region == region; });
    if (target == targets.end()) {
      return fail(ApiError(ErrorType::kReplicaNotFound, "Replica not found in Region " + region));
    }
    RETURN_IF_ERROR(apply_to_one(update, now, *target));
  }
  RETURN_IF_ERROR(states.save(std::move(change)));
  return find_global_table(context, request.name);
}

void render(const Request&, const GlobalTable& table, JsonWriter& json) {
  render_global_table_settings(table, json);
}

}  // namespace

Operation update_global_table_settings() {
  return make_operation("UpdateGlobalTableSettings", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

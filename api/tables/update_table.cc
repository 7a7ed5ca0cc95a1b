#include <utility>

#include "api/tables/replica_updates.h"
#include "api/tables/settings_replication.h"
#include "api/tables/table_definition.h"
#include "api/tables/table_description.h"
#include "api/tables/table_shapes.h"
#include "api/tables/table_state.h"
#include "api/tables/table_update.h"
#include "api/tables/tables.h"
#include "storage/replicas.h"

namespace tidemark::api {
namespace {

constexpr auto kRequired = Presence::kRequired;

struct Request {
  std::string_view table_name;
  TableUpdate update;
  ReplicaUpdates replicas;
};

Shape global_index_update() {
  return structure(
      "GlobalSecondaryIndexUpdate",
      {{"Update",
        structure("UpdateGlobalSecondaryIndexAction", {{"IndexName", index_name(), kRequired},
                                                       {"ProvisionedThroughput", provisioned_throughput()},
                                                       {"OnDemandThroughput", on_demand_throughput()},
                                                       {"WarmThroughput", warm_throughput()}})},
       {"Create", global_index()},
       {"Delete", structure("DeleteGlobalSecondaryIndexAction", {{"IndexName", index_name(), kRequired}})}});
}

Shape shape() {
  return structure("UpdateTableInput", {{"AttributeDefinitions", attribute_definitions()},
                                        {"TableName", table_name_or_arn(), Presence::kRequiredParameter},
                                        {"BillingMode", billing_mode()},
                                        {"ProvisionedThroughput", provisioned_throughput()},
                                        {"GlobalSecondaryIndexUpdates", list_of(global_index_update())},
                                        {"StreamSpecification", stream_specification()},
                                        {"SSESpecification", sse_specification()},
                                        {"ReplicaUpdates", replica_updates()},
                                        {"TableClass", string()},
                                        {"DeletionProtectionEnabled", boolean()},
                                        {"MultiRegionConsistency", region_consistency()},
                                        {"GlobalTableWitnessUpdates", witness_updates()},
                                        {"OnDemandThroughput", on_demand_throughput()},
                                        {"WarmThroughput", warm_throughput()},
                                        {"GlobalTableSettingsReplicationMode", settings_replication_mode()},
                                        {"VectorIndexUpdates", vector_index_updates()}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.table_name = input.string("TableName").value_or("");
  ASSIGN_OR_RETURN(request.update, read_table_update(input));
  ASSIGN_OR_RETURN(request.replicas, read_replica_updates(input));
  return request;
}

// Changes that are made at once.
bool stays_active(const TableUpdate& update) {
  const bool changes_limits = !update.on_demand_throughput.is_empty() && !update.billing_mode;
  return update.deletion_protection || changes_limits || !update.warm_throughput.is_empty() ||
         update.changes_encryption;
}

ApiResult<storage::TablePtr> update(const Request& request, bool is_empty_table, OperationContext& context,
                                    storage::TableChange change) {
  const Timestamp now = context.clock.now();
  storage::TableStates& states = context.engine.table_states();
  if (!request.replicas.is_empty()) {
    return apply_replica_updates(request.replicas, is_empty_table, context, std::move(change));
  }
  ASSIGN_OR_RETURN(const storage::IndexChanges indexes,
                   apply(request.update, context.owner, now, change.settings()));
  RETURN_IF_ERROR(apply_to_other_replicas(request.update, now, &change));
  ASSIGN_OR_RETURN(storage::TablePtr table, stays_active(request.update)
                                                ? states.save(std::move(change))
                                                : states.begin_update(std::move(change), indexes));
  return table;
}

ApiResult<TableDescription> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_active_table(context, request.table_name));
  RETURN_IF_ERROR(check_replicas_are_active(change));
  // Counted before: an index that is deleted may be gone at once.
  TableCounters counters = count(context.engine, *change.table());
  const bool is_empty = counters[change.table()->id].item_count == 0;
  ASSIGN_OR_RETURN(auto table, update(request, is_empty, context, std::move(change)));
  auto replicas = storage::replicas_of(context.engine.catalog(), *table);
  return TableDescription{.table = std::move(table),
                          .counters = std::move(counters),
                          .kind = DescriptionKind::kUpdated,
                          .replicas = std::move(replicas)};
}

void render(const Request&, const TableDescription& description, JsonWriter& json) {
  json.key("TableDescription");
  render_table_description(description, json);
}

}  // namespace

Operation update_table() {
  return make_operation("UpdateTable", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

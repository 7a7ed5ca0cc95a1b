#include <utility>

#include "api/tables/table_definition.h"
#include "api/tables/table_description.h"
#include "api/tables/table_shapes.h"
#include "api/tables/table_state.h"
#include "api/tables/table_update.h"
#include "api/tables/tables.h"

namespace tidemark::api {
namespace {

constexpr auto kRequired = Presence::kRequired;

struct Request {
  std::string_view table_name;
  TableUpdate update;
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
  return structure("UpdateTableInput",
                   {{"AttributeDefinitions", attribute_definitions()},
                    {"TableName", table_name_or_arn(), Presence::kRequiredParameter},
                    {"BillingMode", billing_mode()},
                    {"ProvisionedThroughput", provisioned_throughput()},
                    {"GlobalSecondaryIndexUpdates", list_of(global_index_update())},
                    {"StreamSpecification", stream_specification()},
                    {"SSESpecification", sse_specification()},
                    {"ReplicaUpdates", list_of(structure("ReplicationGroupUpdate", {}))},
                    {"TableClass", string()},
                    {"DeletionProtectionEnabled", boolean()},
                    {"MultiRegionConsistency", string()},
                    {"GlobalTableWitnessUpdates", list_of(structure("GlobalTableWitnessGroupUpdate", {}))},
                    {"OnDemandThroughput", on_demand_throughput()},
                    {"WarmThroughput", warm_throughput()},
                    {"GlobalTableSettingsReplicationMode", string()},
                    {"VectorIndexUpdates", vector_index_updates()}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.table_name = input.string("TableName").value_or("");
  ASSIGN_OR_RETURN(request.update, read_table_update(input));
  return request;
}

// Changes that are made at once.
bool stays_active(const TableUpdate& update) {
  const bool changes_limits = !update.on_demand_throughput.is_empty() && !update.billing_mode;
  return update.deletion_protection || changes_limits || !update.warm_throughput.is_empty() ||
         update.changes_encryption;
}

ApiResult<TableDescription> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_active_table(context, request.table_name));
  // Counted before: an index that is deleted may be gone at once.
  TableCounters counters = count(context.engine, *change.table());
  ASSIGN_OR_RETURN(const storage::IndexChanges indexes,
                   apply(request.update, context.owner, context.clock.now(), change.settings()));
  storage::TableStates& states = context.engine.table_states();
  ASSIGN_OR_RETURN(auto table, stays_active(request.update)
                                   ? states.save(std::move(change))
                                   : states.begin_update(std::move(change), indexes));
  return TableDescription{std::move(table), std::move(counters), DescriptionKind::kUpdated};
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

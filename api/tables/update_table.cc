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
                    {"TableClass", table_class()},
                    {"DeletionProtectionEnabled", boolean()},
                    {"MultiRegionConsistency", string()},
                    {"GlobalTableWitnessUpdates", list_of(structure("GlobalTableWitnessGroupUpdate", {}))},
                    {"OnDemandThroughput", on_demand_throughput()},
                    {"WarmThroughput", warm_throughput()},
                    {"GlobalTableSettingsReplicationMode", string()},
                    {"VectorIndexUpdates", list_of(structure("VectorIndexUpdate", {}))}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.table_name = input.string("TableName").value_or("");
  ASSIGN_OR_RETURN(request.update, read_table_update(input));
  return request;
}

ApiResult<TableDescription> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_active_table(context, request.table_name));
  // Counted before: an index that is deleted may be gone at once.
  TableCounters counters = count(context.engine, *change.table());
  ASSIGN_OR_RETURN(const storage::IndexChanges indexes,
                   apply(request.update, context.owner, context.clock.now(), change.settings()));
  ASSIGN_OR_RETURN(auto table, context.engine.table_states().begin_update(std::move(change), indexes));
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

#include <algorithm>
#include <utility>

#include "api/core/table_lookup.h"
#include "api/tables/table_definition.h"
#include "api/tables/table_description.h"
#include "api/tables/table_lifecycle.h"
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
  ASSIGN_OR_RETURN(storage::TablePtr table, existing_table(context, request.table_name));
  const Timestamp now = context.clock.now();
  std::optional<ApiError> refusal;
  auto changed = context.engine.catalog().update_table(
      table->id, [&refusal, &request, &context, now](model::TableSchema& schema) -> Result<void> {
        auto applied = check_not_in_use(schema);
        if (applied.has_value()) applied = apply(request.update, context.owner, now, schema);
        if (applied.has_value()) return {};
        refusal = std::move(applied).error();
        return fail(Error::invalid_argument("refused"));
      });
  if (refusal) return fail(std::move(*refusal));
  if (!changed.has_value() && changed.error().code == ErrorCode::kNotFound) {
    return fail(table_not_found(request.table_name));
  }
  ASSIGN_OR_RETURN(table, std::move(changed));
  activate_after_render(context, table->id);
  return describe(context.engine, std::move(table), DescriptionKind::kUpdated);
}

void render(const Request&, const TableDescription& description, JsonWriter& json) {
  json.key("TableDescription");
  render_table_description(description, json);
}

}  // namespace

Operation update_table() {
  return make_operation("UpdateTable", Access::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

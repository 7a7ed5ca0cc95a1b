#include <utility>

#include "api/core/table_lookup.h"
#include "api/replicas/replicas.h"
#include "api/replicas/table_replica_auto_scaling.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
};

ApiResult<Request> parse(const Input& input) { return Request{input.string("TableName").value_or("")}; }

ApiResult<ScaledTable> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TablePtr table, existing_table(context, request.table_name));
  return scaled_table(context, std::move(table));
}

void render(const Request&, const ScaledTable& scaled, JsonWriter& json) {
  render_auto_scaling_description(scaled, json);
}

}  // namespace

Operation describe_table_replica_auto_scaling() {
  return make_operation("DescribeTableReplicaAutoScaling", Cost::kQuickRead,
                        structure("DescribeTableReplicaAutoScalingInput",
                                  {{"TableName", table_name_or_arn(), Presence::kRequiredParameter}}),
                        parse, execute, render);
}

}  // namespace tidemark::api

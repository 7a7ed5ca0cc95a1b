#include <algorithm>

#include "api/replicas/global_tables.h"
#include "api/replicas/replicas.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view name;
};

ApiResult<Request> parse(const Input& input) { return Request{input.string("GlobalTableName").value_or("")}; }

ApiResult<GlobalTable> execute(const Request& request, OperationContext& context) {
  return find_global_table(context, request.name);
}

void render(const Request&, const GlobalTable& table, JsonWriter& json) {
  json.key("GlobalTableDescription");
  const bool is_ready = std::ranges::none_of(
      table.replicas, [](const storage::TablePtr& replica) { return replica->replica->is_filling; });
  render_global_table_description(table, is_ready ? "ACTIVE" : "UPDATING", json);
}

}  // namespace

Operation describe_global_table() {
  return make_operation(
      "DescribeGlobalTable", Cost::kQuickRead,
      structure("DescribeGlobalTableInput", {{"GlobalTableName", global_table_name(), Presence::kRequired}}),
      parse, execute, render);
}

}  // namespace tidemark::api

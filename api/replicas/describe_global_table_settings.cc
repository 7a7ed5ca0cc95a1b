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
  render_global_table_settings(table, json);
}

}  // namespace

Operation describe_global_table_settings() {
  return make_operation("DescribeGlobalTableSettings", Cost::kQuickRead,
                        structure("DescribeGlobalTableSettingsInput",
                                  {{"GlobalTableName", global_table_name(), Presence::kRequired}}),
                        parse, execute, render);
}

}  // namespace tidemark::api

#include "api/core/table_lookup.h"
#include "api/tables/table_description.h"
#include "api/tables/tables.h"
#include "storage/replicas.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
};

ApiResult<Request> parse(const Input& input) { return Request{input.string("TableName").value_or("")}; }

ApiResult<TableDescription> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const storage::TablePtr table, existing_table(context, request.table_name));
  TableCounters counters = count(context.engine, *table);
  TableDescription description{.table = table,
                               .counters = std::move(counters),
                               .kind = DescriptionKind::kDescribed,
                               .replicas = storage::replicas_of(context.engine.catalog(), *table)};
  if (is_being_restored(*table) && context.time_travel != nullptr) {
    description.restore = context.time_travel->restores.restore_into(*table);
  }
  return description;
}

void render(const Request&, const TableDescription& description, JsonWriter& json) {
  json.key("Table");
  render_table_description(description, json);
}

}  // namespace

Operation describe_table() {
  return make_operation(
      "DescribeTable", Cost::kQuickRead,
      structure("DescribeTableInput", {{"TableName", table_name_or_arn(), Presence::kRequiredParameter}}),
      parse, execute, render);
}

}  // namespace tidemark::api

#include "api/tables/setting_description.h"

#include "api/core/table_lookup.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
};

ApiResult<Request> parse(const Input& input) { return Request{input.string("TableName").value_or("")}; }

}  // namespace

Operation describe_setting(std::string_view name, std::string_view input_name,
                           void (*render)(const model::TableSchema& schema, JsonWriter& json),
                           ApiResult<void> (*check)(const model::TableSchema& schema)) {
  const auto execute = [check](const Request& request,
                               OperationContext& context) -> ApiResult<storage::TablePtr> {
    ASSIGN_OR_RETURN(storage::TablePtr table, existing_table(context, request.table_name));
    if (is_being_restored(*table)) return fail(table_not_found(request.table_name));
    if (check != nullptr) RETURN_IF_ERROR(check(table->schema));
    return table;
  };
  return make_operation(name, Cost::kQuickRead,
                        structure(input_name, {{"TableName", table_name_or_arn(), Presence::kRequired}}),
                        parse, execute,
                        [render](const Request&, const storage::TablePtr& table, JsonWriter& json) {
                          render(table->schema, json);
                        });
}

}  // namespace tidemark::api

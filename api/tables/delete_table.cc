#include "api/core/table_lookup.h"
#include "api/tables/table_description.h"
#include "api/tables/table_lifecycle.h"
#include "api/tables/table_state.h"
#include "api/tables/tables.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
};

ApiResult<Request> parse(const Input& input) { return Request{input.string("TableName").value_or("")}; }

ApiResult<TableDescription> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TablePtr table, existing_table(context, request.table_name));
  if (table->schema.status == model::TableStatus::kDeleting) {
    return describe(context.engine, std::move(table), DescriptionKind::kDeleted);
  }
  // The state is judged on the schema that is changed: of two requests one finds the table DELETING.
  std::optional<ApiError> refusal;
  auto changed = context.engine.catalog().update_table(
      table->id, [&refusal](model::TableSchema& schema) -> Result<void> {
        if (auto busy = check_not_in_use(schema); !busy.has_value()) {
          refusal = std::move(busy).error();
        } else if (schema.deletion_protection) {
          refusal = validation(
              "Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
              "protection first.");
        }
        if (refusal) return fail(Error::invalid_argument("refused"));
        schema.status = model::TableStatus::kDeleting;
        return {};
      });
  if (refusal) return fail(std::move(*refusal));
  if (!changed.has_value() && changed.error().code == ErrorCode::kNotFound) {
    return fail(table_not_found(request.table_name));
  }
  ASSIGN_OR_RETURN(table, std::move(changed));
  drop_after_render(context, table->id);
  return describe(context.engine, std::move(table), DescriptionKind::kDeleted);
}

void render(const Request&, const TableDescription& description, JsonWriter& json) {
  json.key("TableDescription");
  render_table_description(description, json);
}

}  // namespace

Operation delete_table() {
  return make_operation(
      "DeleteTable", Access::kSlow,
      structure("DeleteTableInput", {{"TableName", table_name_or_arn(), Presence::kRequiredParameter}}),
      parse, execute, render);
}

}  // namespace tidemark::api

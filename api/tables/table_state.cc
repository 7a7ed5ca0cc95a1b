#include "api/tables/table_state.h"

#include "api/core/table_lookup.h"

namespace tidemark::api {

ApiResult<storage::TableChange> hold_table(const OperationContext& context, std::string_view name_or_arn) {
  ASSIGN_OR_RETURN(const storage::TablePtr table, existing_table(context, name_or_arn));
  auto change = context.engine.table_states().hold(table->id);
  // Deleted in between.
  if (!change) return fail(table_not_found(name_or_arn));
  return *std::move(change);
}

ApiResult<void> check_not_in_use(const model::TableSchema& schema) {
  const auto in_use = [&schema](const char* what) {
    return fail(resource_in_use("Attempt to change a resource which is still in use: Table is being " +
                                std::string(what) + ": " + schema.name));
  };
  switch (schema.status) {
    case model::TableStatus::kCreating:
      return in_use("created");
    case model::TableStatus::kUpdating:
      return in_use("updated");
    case model::TableStatus::kDeleting:
      return in_use("deleted");
    case model::TableStatus::kActive:
      break;
  }
  return {};
}

ApiResult<storage::TableChange> hold_active_table(const OperationContext& context,
                                                  std::string_view name_or_arn) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_table(context, name_or_arn));
  if (is_being_restored(*change.table())) return fail(table_not_found(name_or_arn));
  RETURN_IF_ERROR(check_not_in_use(change.table()->schema));
  return change;
}

ApiResult<void> check_not_protected(const model::TableSchema& schema) {
  if (!schema.deletion_protection) return {};
  return fail(validation(
      "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection "
      "first."));
}

}  // namespace tidemark::api

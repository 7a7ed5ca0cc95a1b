#include "api/tables/table_state.h"

namespace tidemark::api {

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

}  // namespace tidemark::api

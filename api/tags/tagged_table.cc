#include "api/tags/tagged_table.h"

#include <string>

#include "api/core/table_lookup.h"
#include "api/tables/table_state.h"
#include "base/auth/account.h"

namespace tidemark::api {
namespace {

ApiError not_found(std::string_view arn) {
  // Sic: so the service spells it.
  return resource_not_found("Requested resource not found: ResourcArn: " + std::string(arn) + " not found");
}

}  // namespace

Shape resource_arn() { return string().length(1, 1'283); }

ApiResult<void> check_table_arn(std::string_view arn) {
  const auto parsed = parse_table_arn(arn);
  if (parsed && parsed->resource.empty() && !parsed->region.empty() &&
      auth::is_account_id(parsed->account_id)) {
    return {};
  }
  return fail(validation("Invalid TableArn: Invalid ResourceArn provided as input " + std::string(arn)));
}

ApiResult<storage::TableChange> hold_tagged_table(const OperationContext& context, std::string_view arn) {
  ASSIGN_OR_RETURN(const storage::TablePtr table, find_table(context, arn));
  if (!table) return fail(not_found(arn));
  auto change = context.engine.table_states().hold(table->id);
  // Deleted in between.
  if (!change) return fail(not_found(arn));
  if (is_being_restored(*change->table())) return fail(table_not_found(arn));
  RETURN_IF_ERROR(check_not_in_use(change->table()->schema));
  return *std::move(change);
}

}  // namespace tidemark::api

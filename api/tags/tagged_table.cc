#include "api/tags/tagged_table.h"

#include <string>

#include "api/core/table_lookup.h"
#include "api/tables/table_state.h"
#include "base/auth/account.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

// "ResourcArn" is how the service writes it.
ApiError not_found(std::string_view arn) {
  return resource_not_found("Requested resource not found: ResourcArn: " + std::string(arn) + " not found");
}

tl::unexpected<ApiError> invalid(std::string_view why, std::string_view arn) {
  return fail(validation(words::invalid_parameter(why) + std::string(arn)));
}

bool is_of_dynamodb(std::string_view arn) {
  const std::size_t service = arn.find(':', std::string_view("arn:").size());
  return service != std::string_view::npos && arn.substr(service + 1).starts_with("dynamodb:");
}

}  // namespace

Shape resource_arn() { return string().length(1, 1'283); }

ApiResult<void> check_table_arn(std::string_view arn) {
  if (!arn.starts_with("arn:")) return invalid("ARNs must start with 'arn:': ", arn);
  if (!is_of_dynamodb(arn)) return invalid("Provided Arn is not a DynamoDB resource arn: ", arn);
  const auto parsed = parse_table_arn(arn);
  if (!parsed || parsed->region.empty() || !auth::is_account_id(parsed->account_id)) {
    return fail(validation("Invalid TableArn: Invalid ResourceArn provided as input " + std::string(arn)));
  }
  // Streams have no tags, so theirs is not found.
  if (parsed->resource.empty() || parsed->resource.starts_with("stream/")) return {};
  return invalid("Invalid resource arn provided, only table or stream is accepted. Provided resource arn: ",
                 arn);
}

ApiResult<storage::TableChange> hold_tagged_table(const OperationContext& context, std::string_view arn) {
  ASSIGN_OR_RETURN(const storage::TablePtr table, find_table(context, arn));
  if (!table) return fail(not_found(arn));
  auto change = context.engine.table_states().hold(table->id);
  // Deleted in between.
  if (!change) return fail(not_found(arn));
  // An import or a restore makes it: not there yet, unlike one that CreateTable makes.
  if (change->table()->filled_by) return fail(table_not_found(arn));
  RETURN_IF_ERROR(check_not_in_use(change->table()->schema));
  return *std::move(change);
}

}  // namespace tidemark::api

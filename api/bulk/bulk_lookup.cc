#include "api/bulk/bulk_lookup.h"

#include <utility>

#include "api/jobs/job_arn.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kKind = "bulk-operation";

}  // namespace

ApiResult<void> check_bulk_arn(const std::string& arn) {
  if (!parse_job_arn(arn, kKind)) return fail(validation("Invalid Bulk Operation ARN"));
  return {};
}

ApiResult<transfer::BulkRecord> find_bulk_operation(const OperationContext& context, const std::string& arn) {
  const auto parsed = parse_job_arn(arn, kKind);
  if (!parsed || parsed->account_id != context.owner.account_id) return fail(access_denied());
  auto record = context.transfers->bulk.book().find(arn);
  if (!record || record->region != context.owner.region) {
    return fail(ApiError(ErrorType::kResourceNotFound, "Bulk operation not found: " + arn));
  }
  return *std::move(record);
}

}  // namespace tidemark::api

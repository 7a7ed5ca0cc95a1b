// Source: DynamoDB API reference, CancelBulkOperation.
#include <string>

#include "api/bulk/bulk.h"
#include "api/bulk/bulk_lookup.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

Shape shape() {
  return structure("CancelBulkOperationInput",
                   {{"BulkOperationArn", string().length(37, 1024), Presence::kRequired}});
}

ApiResult<std::string> parse(const Input& input) {
  std::string arn = input.required_string("BulkOperationArn");
  RETURN_IF_ERROR(check_bulk_arn(arn));
  return arn;
}

ApiResult<std::string> execute(const std::string& arn, OperationContext& context) {
  ASSIGN_OR_RETURN(const auto record, find_bulk_operation(context, arn));
  auto cancelled = context.transfers->bulk.cancel(record);
  if (!cancelled && cancelled.error().code == ErrorCode::kConflict) {
    // How the service says so is not known.
    return fail(validation("The bulk operation has ended: " + arn));
  }
  RETURN_IF_ERROR(cancelled);
  return arn;
}

void render(const std::string&, const std::string& arn, JsonWriter& json) {
  json.member("BulkOperationArn", arn);
  json.member("BulkOperationStatus", job_status_name(jobs::JobStatus::kCancelling));
}

}  // namespace

Operation cancel_bulk_operation() {
  return make_operation("CancelBulkOperation", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

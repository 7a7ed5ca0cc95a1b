// Source: DynamoDB API reference, DescribeExport; texts from recorded answers.
#include <string>

#include "api/exports/export_description.h"
#include "api/exports/exports.h"
#include "api/jobs/job_arn.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

Shape shape() {
  return structure("DescribeExportInput", {{"ExportArn", string().length(37, 1024), Presence::kRequired}});
}

ApiResult<std::string> parse(const Input& input) {
  std::string arn = input.required_string("ExportArn");
  if (!parse_job_arn(arn, "export")) return fail(validation("Invalid Export ARN"));
  return arn;
}

ApiResult<transfer::ExportRecord> execute(const std::string& arn, OperationContext& context) {
  const auto parsed = parse_job_arn(arn, "export");
  if (parsed->account_id != context.owner.account_id) return fail(access_denied());
  if (parsed->region != model::arn_region(context.owner.region)) {
    return fail(ApiError(ErrorType::kExportNotFound, "Export not found: Invalid export arn"));
  }
  auto record = context.transfers->exports.book().find(arn);
  // The doubled words are the service's.
  if (!record || record->region != context.owner.region) {
    return fail(ApiError(ErrorType::kExportNotFound, "Export not found: Export not found: " + arn));
  }
  return *std::move(record);
}

void render(const std::string&, const transfer::ExportRecord& record, JsonWriter& json) {
  render_export_description(record, json);
}

}  // namespace

Operation describe_export() {
  return make_operation("DescribeExport", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

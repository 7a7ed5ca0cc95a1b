// Source: DynamoDB API reference, DescribeImport; texts from recorded answers.
#include <string>
#include <utility>

#include "api/imports/import_description.h"
#include "api/imports/imports.h"
#include "api/jobs/job_arn.h"
#include "model/table_name.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

Shape shape() {
  return structure("DescribeImportInput", {{"ImportArn", string().length(37, 1024), Presence::kRequired}});
}

ApiResult<std::string> parse(const Input& input) {
  std::string arn = input.required_string("ImportArn");
  const auto parsed = parse_job_arn(arn, "import");
  // No import makes a table with a name that no table can have.
  if (!parsed || !model::is_table_name(parsed->table_name)) return fail(validation("Invalid Import ARN"));
  return arn;
}

ApiResult<transfer::ImportRecord> execute(const std::string& arn, OperationContext& context) {
  const auto parsed = parse_job_arn(arn, "import");
  if (parsed->account_id != context.owner.account_id) return fail(access_denied());
  auto record = context.transfers->imports.book().find(arn);
  if (!record || record->region != context.owner.region) {
    return fail(ApiError(ErrorType::kImportNotFound, "Import not found: " + arn));
  }
  return *std::move(record);
}

void render(const std::string&, const transfer::ImportRecord& record, JsonWriter& json) {
  render_import_description(record, json);
}

}  // namespace

Operation describe_import() {
  return make_operation("DescribeImport", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

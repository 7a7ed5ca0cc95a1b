// Source: DynamoDB API reference, ListExports; texts from recorded answers.
#include <optional>
#include <string>

#include "api/exports/export_description.h"
#include "api/exports/exports.h"
#include "api/jobs/job_arn.h"
#include "api/jobs/job_page.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

using JobsPage = jobs::JobPage<transfer::ExportRecord>;

Shape shape() {
  return structure("ListExportsInput", {{"TableArn", string().length(1, 1024)},
                                        {"MaxResults", integer().range(1, 25)},
                                        {"NextToken", string()}});
}

ApiResult<JobListRequest> parse(const Input& input) { return parse_job_list(input, "MaxResults"); }

ApiResult<JobsPage> execute(const JobListRequest& request, OperationContext& context) {
  std::optional<std::string> table_uuid;
  if (request.table_arn) {
    if (parse_table_arn(*request.table_arn)->account_id != context.owner.account_id) {
      return fail(access_denied());
    }
    ASSIGN_OR_RETURN(const auto table, find_table(context, *request.table_arn));
    // Exports of a table that is gone, or was created anew, are no longer listed under its ARN.
    if (!table) return JobsPage{};
    table_uuid = table->schema.uuid;
  }
  return page_of(context.transfers->exports.book(), context.owner, request,
                 [&table_uuid](const transfer::ExportRecord& record) {
                   return !table_uuid || record.table_uuid == *table_uuid;
                 });
}

void render(const JobListRequest&, const JobsPage& page, JsonWriter& json) {
  json.key("ExportSummaries");
  json.begin_array();
  for (const auto& record : page.records) {
    json.begin_object();
    json.member("ExportArn", record.arn);
    json.member("ExportStatus", export_status_name(record.status));
    json.member("ExportType", record.type_name());
    json.end_object();
  }
  json.end_array();
  render_next_token(page, json);
}

}  // namespace

Operation list_exports() {
  return make_operation("ListExports", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

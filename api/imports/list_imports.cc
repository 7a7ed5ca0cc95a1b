// Source: DynamoDB API reference, ListImports; texts from recorded answers.
#include <cstdint>
#include <optional>
#include <string>

#include "api/imports/import_description.h"
#include "api/imports/imports.h"
#include "api/jobs/job_arn.h"
#include "api/jobs/job_page.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

using JobsPage = jobs::JobPage<transfer::ImportRecord>;

Shape shape() {
  return structure("ListImportsInput", {{"TableArn", string().length(1, 1024)},
                                        {"PageSize", integer().range(1, 25)},
                                        {"NextToken", string()}});
}

ApiResult<JobListRequest> parse(const Input& input) { return parse_job_list(input, "PageSize"); }

ApiResult<JobsPage> execute(const JobListRequest& request, OperationContext& context) {
  if (request.table_arn && parse_table_arn(*request.table_arn)->account_id != context.owner.account_id) {
    return fail(access_denied());
  }
  // By ARN: those of tables long gone are listed as well.
  return page_of(context.transfers->imports.book(), context.owner, request,
                 [&request](const transfer::ImportRecord& record) {
                   return !request.table_arn || record.table_arn == *request.table_arn;
                 });
}

void render(const JobListRequest&, const JobsPage& page, JsonWriter& json) {
  json.key("ImportSummaryList");
  json.begin_array();
  for (const auto& record : page.records) render_import_summary(record, json);
  json.end_array();
  render_next_token(page, json);
}

}  // namespace

Operation list_imports() {
  return make_operation("ListImports", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

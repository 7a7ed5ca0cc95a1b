// Source: DynamoDB API reference, ListImports; texts from recorded answers.
#include <cstdint>
#include <optional>
#include <string>

#include "api/imports/import_description.h"
#include "api/imports/imports.h"
#include "api/jobs/job_arn.h"
#include "api/jobs/job_page.h"
#include "transfer/transfer_service.h"

namespace tidemark::api {
namespace {

using Page = JobPage<transfer::ImportRecord>;

Shape shape() {
  return structure("ListImportsInput", {{"TableArn", string().length(1, 1024)},
                                        {"PageSize", integer().range(1, 25)},
                                        {"NextToken", string()}});
}

ApiResult<JobListRequest> parse(const Input& input) { return parse_job_list(input, "PageSize"); }

ApiResult<Page> execute(const JobListRequest& request, OperationContext& context) {
  if (request.table_arn && parse_table_arn(*request.table_arn)->account_id != context.owner.account_id) {
    return fail(access_denied());
  }
  return page_of(context.transfers->list_imports(context.owner, request.table_arn), request);
}

void render(const JobListRequest&, const Page& page, JsonWriter& json) {
  json.key("ImportSummaryList");
  json.begin_array();
  for (const auto& record : page.records) render_import_summary(record, json);
  json.end_array();
  if (page.next_token) json.member("NextToken", *page.next_token);
}

}  // namespace

Operation list_imports() {
  return make_operation("ListImports", Access::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

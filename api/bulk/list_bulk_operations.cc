// Source: DynamoDB API reference, ListBulkOperations.
#include <string>

#include "api/bulk/bulk.h"
#include "api/jobs/job_page.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

using JobsPage = jobs::JobPage<transfer::BulkRecord>;

Shape shape() {
  return structure("ListBulkOperationsInput",
                   {{"MaxResults", integer().range(1, 25)}, {"NextToken", string()}});
}

ApiResult<JobListRequest> parse(const Input& input) { return parse_job_list(input, "MaxResults"); }

ApiResult<JobsPage> execute(const JobListRequest& request, OperationContext& context) {
  return page_of(context.transfers->bulk.book(), context.owner, request,
                 [](const transfer::BulkRecord&) { return true; });
}

void render(const JobListRequest&, const JobsPage& page, JsonWriter& json) {
  json.key("BulkOperationsSummaryList");
  json.begin_array();
  for (const auto& record : page.records) {
    json.begin_object();
    json.member("BulkOperationArn", record.arn);
    json.member("BulkOperationStatus", record.status_name());
    json.member("StartTime", record.start_time);
    if (is_ended(record.status)) json.member("EndTime", record.end_time);
    json.end_object();
  }
  json.end_array();
  render_next_token(page, json);
}

}  // namespace

Operation list_bulk_operations() {
  return make_operation("ListBulkOperations", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

#include "api/jobs/job_page.h"

#include "model/words/constraints.h"

namespace tidemark::api {

ApiResult<JobListRequest> parse_job_list(const Input& input, std::string_view size_member) {
  JobListRequest request;
  if (const auto arn = input.string("TableArn")) request.table_arn = std::string(*arn);
  if (request.table_arn && !parse_table_arn(*request.table_arn)) {
    return fail(invalid_table_arn());
  }
  request.results_max = input.integer(size_member).value_or(request.results_max);
  if (const auto token = input.string("NextToken")) {
    request.before_id = id_of_token(*token);
    if (!request.before_id) {
      return fail(validation(words::invalid_next_token(*token)));
    }
  }
  return request;
}

}  // namespace tidemark::api

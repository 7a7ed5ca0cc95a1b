// Pages of ListExports and ListImports, newest job first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/jobs/job_arn.h"
#include "base/json_writer.h"
#include "jobs/job_book.h"
#include "storage/catalog.h"

namespace tidemark::api {

struct JobListRequest {
  std::optional<std::string> table_arn;  // well-formed
  std::int64_t results_max = 10;
  std::optional<std::string> before_id;  // the page begins behind this job
};

// `size_member` is the name of the page size in the request. Errors: ValidationException.
ApiResult<JobListRequest> parse_job_list(const Input& input, std::string_view size_member);

// The page of the owner's jobs for which `filter` is true.
template <class Record, class Filter>
jobs::JobPage<Record> page_of(const jobs::JobBook<Record>& book, const storage::Owner& owner,
                              const JobListRequest& request, Filter filter) {
  return book.list(
      {static_cast<std::size_t>(request.results_max), request.before_id}, [&](const Record& record) {
        return record.account_id == owner.account_id && record.region == owner.region && filter(record);
      });
}

// The member `NextToken`, when there is another page.
template <class Record>
void render_next_token(const jobs::JobPage<Record>& page, JsonWriter& json) {
  if (page.has_more) json.member("NextToken", next_token(page.records.back().id));
}

}  // namespace tidemark::api

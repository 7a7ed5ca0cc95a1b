// Pages of ListExports and ListImports, newest job first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/jobs/job_arn.h"

namespace tidemark::api {

struct JobListRequest {
  std::optional<std::string> table_arn;  // well-formed
  std::int64_t results_max = 10;
  std::optional<std::string> before_id;  // the page begins behind this job
};

// `size_member` is the name of the page size in the request. Errors: ValidationException.
ApiResult<JobListRequest> parse_job_list(const Input& input, std::string_view size_member);

template <class Record>
struct JobPage {
  std::vector<Record> records;
  std::optional<std::string> next_token;
};

// The page of `records`, which come newest first.
template <class Record>
JobPage<Record> page_of(std::vector<Record> records, const JobListRequest& request) {
  JobPage<Record> page;
  for (auto& record : records) {
    if (request.before_id && record.id >= *request.before_id) continue;
    if (static_cast<std::int64_t>(page.records.size()) == request.results_max) {
      page.next_token = next_token(page.records.back().id);
      break;
    }
    page.records.push_back(std::move(record));
  }
  return page;
}

}  // namespace tidemark::api

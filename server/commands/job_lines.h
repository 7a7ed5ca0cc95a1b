// Jobs as `tidemark jobs` prints them: a line each, with a bar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "server/commands/columns.h"

namespace tidemark::server {

struct JobCounters {
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t errors = 0;
  std::uint64_t done = 0;
  std::uint64_t total = 0;  // 0: nobody knows
};

// What `GET /_tidemark/jobs` says of a job; see admin/job_json.h.
struct JobView {
  std::string id;
  std::string kind;
  std::string operation;  // `branch`, a restore: told instead of the kind
  std::string status;
  std::string table;
  std::string phase;
  std::string failure_code;
  std::string failure_message;
  std::string error_log;
  JobCounters counters;
  struct Part {
    std::string name;
    std::string state;
    JobCounters counters;
  };
  std::vector<Part> parts;  // with `GET /_tidemark/jobs/<id>`

  [[nodiscard]] bool is_ended() const { return status != "IN_PROGRESS" && status != "CANCELLING"; }
};

// `job` is an object; members that are missing stay empty.
JobView read_job(json::Value job);

// `[##########..........]`, with as many cells between the brackets; without a total `[??…]`.
std::string progress_bar(const JobCounters& counters, bool is_done, std::size_t cells);
// The lines of a list, with a head line; columns are as wide as they must be.
std::vector<std::string> job_lines(const std::vector<JobView>& jobs);
// Everything about one job: its line, why it failed, and a line for each of its parts.
std::vector<std::string> job_detail(const JobView& job);

}  // namespace tidemark::server

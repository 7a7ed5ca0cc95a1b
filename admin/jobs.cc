#include "admin/jobs.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "admin/job_json.h"
#include "admin/query.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "jobs/job_outcome.h"
#include "timetravel/branch.h"

namespace tidemark::admin {
namespace {

constexpr std::size_t kFailureCodeBytesMax = 100;

struct JobQuery {
  std::optional<std::string> kind;
  std::optional<jobs::JobStatus> status;
  std::optional<std::string> table;
  jobs::JobPageRequest page{.records_max = 100};
};

Result<void, std::string> read_parameter(std::string_view name, const std::string& value, JobQuery* query) {
  if (name == "kind") {
    query->kind = value;
    return {};
  }
  if (name == "table") {
    query->table = value;
    return {};
  }
  if (name == "before") {
    query->page.before_id = value;
    return {};
  }
  if (name == "status") {
    query->status = jobs::parse_job_status(value);
    if (query->status) return {};
    return fail(std::string("status must be IN_PROGRESS, CANCELLING, COMPLETED, FAILED or CANCELLED."));
  }
  if (name == "limit") {
    ASSIGN_OR_RETURN(query->page.records_max, parse_limit(value));
    return {};
  }
  return fail("There is no parameter '" + std::string(name) +
              "'; there are kind, status, table, limit and before.");
}

Result<JobQuery, std::string> read_query(std::string_view text) {
  JobQuery query;
  ASSIGN_OR_RETURN(const auto parameters, parse_query(text));
  for (const auto& [name, value] : parameters) RETURN_IF_ERROR(read_parameter(name, value, &query));
  return query;
}

bool is_asked_for(const jobs::JobRecord& job, const JobQuery& query) {
  if (query.kind && job.kind != *query.kind && job.operation != *query.kind) return false;
  if (query.status && job.status != *query.status) return false;
  return !query.table || job.table_arn == *query.table || job.table_arn.ends_with(":table/" + *query.table);
}

void write_one(const jobs::JobRegistry& registry, const jobs::JobRecord& job, bool with_parts,
               JsonWriter& json) {
  write_job(job, registry.board().find(job.id).get(), with_parts, json);
}

http::Response list_jobs(const jobs::JobRegistry& registry, const AdminRequest& request) {
  const auto query = read_query(request.head.query());
  if (!query) return error_answer(400, query.error());
  if (query->kind && *query->kind != timetravel::kBranchOperation && !registry.has_kind(*query->kind)) {
    return error_answer(400, "There is no kind of job '" + *query->kind + "'.");
  }
  const auto page =
      registry.list(query->page, [&query](const jobs::JobRecord& job) { return is_asked_for(job, *query); });
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.key("jobs");
  json.begin_array();
  for (const auto& job : page.records) write_one(registry, job, false, json);
  json.end_array();
  if (page.has_more) json.member("next", page.records.back().id);
  json.end_object();
  return json_answer(200, std::move(body));
}

http::Response job_answer(int status, const jobs::JobRegistry& registry, const AdminRequest& request) {
  const auto job = registry.find(request.name);
  if (!job) return error_answer(404, "There is no job " + std::string(request.name) + ".");
  std::string body;
  JsonWriter json(&body);
  write_one(registry, *job, true, json);
  return json_answer(status, std::move(body));
}

http::Response cancel_job(jobs::JobRegistry& registry, const AdminRequest& request) {
  const auto cancelled = registry.cancel(request.name);
  if (cancelled) return job_answer(202, registry, request);
  switch (cancelled.error().code) {
    case ErrorCode::kNotFound:
      return error_answer(404, "There is no job " + std::string(request.name) + ".");
    case ErrorCode::kConflict:
      return error_answer(409, "The job has ended.");
    default:
      log::error("the wish to cancel a job cannot be recorded",
                 {{"job", request.name}, {"error", cancelled.error().message}});
      return error_answer(503, cancelled.error().code == ErrorCode::kNoSpace
                                   ? jobs::kNoSpaceLeft
                                   : "The wish cannot be recorded; the log of the server says why.");
  }
}

struct NextJob {
  std::string kind;
  jobs::ToldFailure failure;
};

Result<void, std::string> read_member(std::string_view name, json::Value value, NextJob* next) {
  if (name == "kind" || name == "fail") {
    if (!value.is_string() || value.string().empty()) return fail(std::string(name) + " must be a name.");
    (name == "kind" ? next->kind : next->failure.code) = std::string(value.string());
    return {};
  }
  if (name == "after_files") {
    if (value.type() != json::Type::kInteger || value.integer() < 0) {
      return fail(std::string("after_files must be a number of files."));
    }
    next->failure.after_files = static_cast<std::uint64_t>(value.integer());
    return {};
  }
  return fail("There is no member '" + std::string(name) + "'; there are kind, fail and after_files.");
}

Result<NextJob, std::string> read_next_job(std::string_view body) {
  json::Document document;
  const auto root = document.parse(body);
  if (!root || !root->is_object()) {
    return fail(std::string("The body must be a JSON object with kind and fail."));
  }
  NextJob next;
  std::string_view name;
  json::Value value;
  for (auto members = root->members(); members.next(&name, &value);) {
    RETURN_IF_ERROR(read_member(name, value, &next));
  }
  if (next.kind != "export" && next.kind != "import") {
    return fail(std::string("kind must be export or import."));
  }
  const bool is_code = std::ranges::all_of(next.failure.code, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  if (next.failure.code.empty() || next.failure.code.size() > kFailureCodeBytesMax || !is_code) {
    return fail(std::string("fail must be a failure code such as S3AccessDenied."));
  }
  return next;
}

http::Response tell_next_job(jobs::JobRegistry& registry, const AdminRequest& request) {
  auto next = read_next_job(request.body);
  if (!next) return error_answer(400, next.error());
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("kind", next->kind);
  json.member("fail", next->failure.code);
  json.member("after_files", static_cast<std::int64_t>(next->failure.after_files));
  json.end_object();
  if (!registry.tell_next(next->kind, std::move(next->failure))) {
    return error_answer(409, "A thousand jobs of this kind are told to fail already.");
  }
  return json_answer(202, std::move(body));
}

}  // namespace

std::vector<Route> job_routes(jobs::JobRegistry& registry) {
  return {{.method = "GET",
           .path = "/_tidemark/jobs",
           .handle = [&registry](const AdminRequest& request) { return list_jobs(registry, request); },
           .takes_parameters = true},
          {.method = "POST",
           .path = "/_tidemark/jobs/next",
           .handle = [&registry](const AdminRequest& request) { return tell_next_job(registry, request); }},
          {.method = "GET",
           .path = "/_tidemark/jobs/{id}",
           .handle = [&registry](const AdminRequest& request) { return job_answer(200, registry, request); }},
          {.method = "DELETE",
           .path = "/_tidemark/jobs/{id}",
           .handle = [&registry](const AdminRequest& request) { return cancel_job(registry, request); }}};
}

}  // namespace tidemark::admin

#include "admin/branch.h"

#include <optional>
#include <string>
#include <utility>

#include "admin/job_json.h"
#include "admin/named_table.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "timetravel/branch.h"

namespace tidemark::admin {
namespace {

struct BranchBody {
  std::optional<std::string> target;
  std::optional<Timestamp> as_of;
  std::optional<std::string> account;
  std::optional<std::string> region;
};

Result<void, std::string> read_member(std::string_view name, json::Value value, BranchBody* body) {
  if (name == "asOf") {
    ASSIGN_OR_RETURN(body->as_of, read_moment(name, value));
    return {};
  }
  std::optional<std::string>* const member = name == "target"    ? &body->target
                                             : name == "account" ? &body->account
                                             : name == "region"  ? &body->region
                                                                 : nullptr;
  if (member == nullptr) {
    return fail("There is no member '" + std::string(name) +
                "'; there are target, asOf, account and region.");
  }
  if (!value.is_string()) return fail(std::string(name) + " must be a string.");
  *member = std::string(value.string());
  return {};
}

Result<BranchBody, std::string> read_body(const Result<json::Value>& root) {
  if (!root || !root->is_object()) return fail(std::string("The body must be a JSON object with target."));
  BranchBody body;
  std::string_view name;
  json::Value value;
  for (auto members = root->members(); members.next(&name, &value);) {
    RETURN_IF_ERROR(read_member(name, value, &body));
  }
  if (!body.target) return fail(std::string("The member target is missing."));
  return body;
}

http::Response start_branch(storage::Engine& engine, timetravel::RestoreJobs& restores, Clock& clock,
                            Random& random, const AdminRequest& request) {
  json::Document document;
  const auto root = document.parse(request.body);
  auto body = read_body(root);
  if (!body) return error_answer(400, body.error());
  const auto table = choose_table(engine.catalog(),
                                  {.name = request.name, .account = body->account, .region = body->region});
  if (!table) return table.error();
  const timetravel::BranchRequest branch{
      .source = *table, .target = *std::move(body->target), .as_of = body->as_of};
  const auto started = timetravel::start_branch(branch, engine, restores, clock, random);
  if (!started) return refusal("a branch", started.error());
  std::string answer;
  JsonWriter json(&answer);
  write_job(*started, nullptr, false, json);
  return json_answer(202, std::move(answer));
}

}  // namespace

std::vector<Route> branch_routes(storage::Engine& engine, timetravel::RestoreJobs& restores, Clock& clock,
                                 Random& random) {
  return {{.method = "POST",
           .path = "/_tidemark/tables/{name}/branch",
           .handle = [&engine, &restores, &clock, &random](const AdminRequest& request) {
             return start_branch(engine, restores, clock, random, request);
           }}};
}

}  // namespace tidemark::admin

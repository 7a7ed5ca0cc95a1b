#include "server/commands/branch_command.h"

#include "base/http_message.h"
#include "base/json_writer.h"
#include "server/commands/started_job.h"

namespace tidemark::server {

std::string branch_request(const BranchConfig& config) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("target", config.target);
  if (!config.as_of.empty()) json.member("asOf", config.as_of);
  if (!config.account.empty()) json.member("account", config.account);
  if (!config.region.empty()) json.member("region", config.region);
  json.end_object();
  return body;
}

Result<int> run_branch(const BranchConfig& config, std::FILE* out, bool is_terminal) {
  const JobStart start{
      .server = config.server,
      .path = "/_tidemark/tables/" + http::percent_encode(config.source, http::Slash::kEncoded) + "/branch",
      .body = branch_request(config),
      .no_wait = config.no_wait,
      .json = config.json};
  return run_job(start, out, is_terminal);
}

}  // namespace tidemark::server

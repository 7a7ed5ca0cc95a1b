#include "server/commands/reset_command.h"

#include <chrono>
#include <string_view>

#include "base/json.h"
#include "base/json_writer.h"

namespace tidemark::server {
namespace {

std::string body_of(const ResetConfig& config) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  if (!config.account.empty()) json.member("account", config.account);
  if (!config.access_key.empty()) json.member("accessKey", config.access_key);
  json.end_object();
  return body;
}

}  // namespace

Result<void> run_reset(const ResetConfig& config, std::FILE* out) {
  // Running jobs are waited for, and millions of objects take their time.
  static constexpr std::chrono::minutes kPatience{10};
  ASSIGN_OR_RETURN(const HttpAnswer answer, ask_server(config.server, {.method = "POST",
                                                                       .path = "/_tidemark/reset",
                                                                       .json_body = body_of(config),
                                                                       .patience = kPatience}));
  if (answer.status >= 300) return fail(Error::invalid_argument(error_sentence(answer.body)));
  if (config.json) {
    std::fputs(answer.body.c_str(), out);
    return {};
  }
  json::Document document;
  const auto root = document.parse(answer.body);
  if (!root || !root->is_object()) return fail(Error::unavailable("the server's answer is not understood"));
  std::string line;
  for (const std::string_view name : {"tables", "streams", "backups", "jobs", "buckets"}) {
    const auto count = root->find(name);
    if (!count || count->type() != json::Type::kInteger) continue;
    line.append(line.empty() ? "gone: " : ", ").append(name).append(" ");
    line += std::to_string(count->integer());
  }
  std::fprintf(out, "%s\n", line.c_str());
  if (const auto left = root->find("jobsLeft")) {
    std::fprintf(out, "%s\n", "some jobs have not noticed yet that they were cancelled: tidemark jobs");
  }
  return {};
}

}  // namespace tidemark::server

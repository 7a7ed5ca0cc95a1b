#include "server/rewind_command.h"

#include <chrono>

#include "base/http_message.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "server/jobs_command.h"

namespace tidemark::server {

Result<std::string> rewind_request(const RewindConfig& config) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("to", config.to);
  if (!config.account.empty()) json.member("account", config.account);
  if (!config.region.empty()) json.member("region", config.region);
  if (!config.keys.empty()) {
    json.key("keys");
    json.begin_array();
    for (const std::string& key : config.keys) {
      json::Document document;
      const auto root = document.parse(key);
      if (!root || !root->is_object()) {
        return fail(
            Error::invalid_argument("rewind --key: '" + key + R"(' is not JSON such as {"pk":{"S":"a"}})"));
      }
      json.raw(key);
    }
    json.end_array();
  }
  json.end_object();
  return body;
}

Result<int> run_rewind(const RewindConfig& config, std::FILE* out, bool is_terminal) {
  ASSIGN_OR_RETURN(const std::string body, rewind_request(config));
  const std::string path = "/_tidemark/tables/" + http::percent_encode(config.table, false) + "/rewind";
  static constexpr std::chrono::minutes kPatience{1};
  ASSIGN_OR_RETURN(
      const HttpAnswer answer,
      ask_server(config.server, {.method = "POST", .path = path, .json_body = body, .patience = kPatience}));
  if (answer.status >= 300) return fail(Error::invalid_argument(error_sentence(answer.body)));
  if (config.no_wait) {
    std::fputs(answer.body.c_str(), out);
    return 0;
  }
  json::Document document;
  const auto job = document.parse(answer.body);
  const auto id = job && job->is_object() ? job->find("id") : std::nullopt;
  if (!id || !id->is_string()) return fail(Error::unavailable("the server's answer is not understood"));
  JobsConfig watched;
  watched.server = config.server;
  watched.id = id->string();
  watched.watch = true;
  watched.json = config.json;
  return run_jobs(watched, out, is_terminal);
}

}  // namespace tidemark::server

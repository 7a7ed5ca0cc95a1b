#include "server/commands/rewind_command.h"

#include <utility>

#include "base/http_message.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "server/commands/started_job.h"

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
  ASSIGN_OR_RETURN(std::string body, rewind_request(config));
  const JobStart start{
      .server = config.server,
      .path = "/_tidemark/tables/" + http::percent_encode(config.table, http::Slash::kEncoded) + "/rewind",
      .body = std::move(body),
      .no_wait = config.no_wait,
      .json = config.json};
  return run_job(start, out, is_terminal);
}

}  // namespace tidemark::server

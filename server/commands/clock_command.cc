#include "server/commands/clock_command.h"

#include <charconv>
#include <cmath>

#include "base/json_writer.h"

namespace tidemark::server {
namespace {

std::string body_of(std::string_view member, const std::string& text) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member(member, text);
  json.end_object();
  return body;
}

}  // namespace

Result<std::string> clock_request(const std::string& action, const std::string& value) {
  const bool takes_value = action == "advance" || action == "set" || action == "rate";
  const bool is_plain = action.empty() || action == "show" || action == "freeze" || action == "unfreeze";
  if (!takes_value && !is_plain) {
    return fail(Error::invalid_argument("clock: '" + action +
                                        "' is none of show, advance, set, freeze, unfreeze and rate"));
  }
  if (takes_value == value.empty()) {
    return fail(
        Error::invalid_argument("clock " + action + (takes_value ? " needs a value" : " takes no value")));
  }
  if (action == "freeze") return std::string(R"({"freeze":true})");
  if (action == "unfreeze") return std::string(R"({"freeze":false})");
  if (is_plain) return std::string();
  if (action != "rate") return body_of(action, value);
  double rate = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), rate);
  if (error == std::errc() && end == value.data() + value.size() && std::isfinite(rate)) {
    std::string body;
    JsonWriter json(&body);
    json.begin_object();
    json.key("rate"), json.decimal(rate);
    json.end_object();
    return body;
  }
  return fail(Error::invalid_argument("clock rate: '" + value + "' is not a number"));
}

Result<std::string> run_clock(const ServerAddress& server, const std::string& request) {
  static constexpr std::chrono::hours kPatience{24};
  LocalRequest asked{.path = "/_tidemark/clock"};
  if (!request.empty()) {
    asked.method = "POST";
    asked.json_body = request;
    asked.patience = kPatience;
  }
  ASSIGN_OR_RETURN(HttpAnswer answer, ask_server(server, asked));
  if (answer.status != 200) return fail(Error::invalid_argument(error_sentence(answer.body)));
  return std::move(answer.body);
}

}  // namespace tidemark::server

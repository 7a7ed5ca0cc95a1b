#include "server/personality/shared_answers.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_writer.h"

namespace tidemark::server {
namespace {

// Blanks behind colons and commas, as Python writes JSON: scripts look for `"s3": "running"` with grep.
void add_quoted(std::string* out, std::string_view name, std::string_view value) {
  append_json_string(out, name);
  *out += ": ";
  append_json_string(out, value);
}

}  // namespace

http::Response json_text(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

http::Response empty_answer(int status) {
  http::Response response;
  response.status = status;
  return response;
}

http::Response localstack_health(const PersonalityFacts& facts) {
  static constexpr std::array kServices = {"dynamodb", "dynamodbstreams", "logs", "s3", "sts"};
  std::string body = "{\"services\": {";
  for (const char* const service : kServices) {
    if (service != kServices.front()) body += ", ";
    add_quoted(&body, service, facts.loads_eagerly ? "running" : "available");
  }
  body += "}, ";
  add_quoted(&body, "edition", "community");
  body += ", ";
  add_quoted(&body, "version", facts.version);
  body += '}';
  return json_text(200, std::move(body));
}

http::Response localstack_info(const PersonalityFacts& facts) {
  const Timestamp now = facts.wall->now();
  utsname system{};
  ::uname(&system);
  std::string body = "{";
  add_quoted(&body, "version", facts.version);
  body += ", ";
  add_quoted(&body, "edition", "community");
  body += ", \"is_license_activated\": false, ";
  add_quoted(&body, "system", system.sysname);
  body += ", \"is_docker\": false, ";
  add_quoted(&body, "server_time_utc", format_iso_seconds(now));
  body += ", \"uptime\": " + std::to_string((now.micros - facts.started.micros) / 1'000'000) + '}';
  return json_text(200, std::move(body));
}

http::Response localstack_init(const PersonalityFacts&) {
  return json_text(
      200,
      R"({"completed": {"BOOT": true, "START": true, "READY": true, "SHUTDOWN": false}, "scripts": []})");
}

http::Response localstack_init_boot(const PersonalityFacts&) {
  return json_text(200, R"({"completed": true, "scripts": []})");
}

http::Response localstack_init_shutdown(const PersonalityFacts&) {
  return json_text(200, R"({"completed": false, "scripts": []})");
}

http::Response minio_health(const PersonalityFacts&) { return empty_answer(200); }

http::Response no_icon(const PersonalityFacts&) { return empty_answer(204); }

}  // namespace tidemark::server

#include "server/live/requests.h"

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "admin/query.h"
#include "base/json_writer.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kPageMax = 200;

void write_request(std::uint64_t number, const SeenRequest& seen, JsonWriter* json) {
  json->begin_object();
  json->member("number", static_cast<std::int64_t>(number));
  json->member("time", format_iso_micros(seen.time));
  json->key("ms");
  json->decimal(seen.ms);
  json->member("service", seen.service);
  json->member("operation", seen.operation);
  json->member("method", seen.method);
  json->member("target", seen.target);
  json->member("status", std::int64_t{seen.status});
  if (!seen.error.empty()) json->member("error", seen.error);
  json->member("peer", seen.peer);
  json->member("console", seen.is_console);
  if (!seen.request_id.empty()) json->member("request_id", seen.request_id);
  json->member("request", seen.request);
  json->member("request_bytes", static_cast<std::int64_t>(seen.request_bytes));
  json->member("answer", seen.answer);
  json->member("answer_bytes", static_cast<std::int64_t>(seen.answer_bytes));
  json->end_object();
}

Result<std::uint64_t, std::string> parse_after(std::string_view query) {
  ASSIGN_OR_RETURN(const auto parameters, admin::parse_query(query));
  std::uint64_t after = 0;
  for (const auto& [name, value] : parameters) {
    if (name != "after") return fail("There is no parameter '" + name + "'; there is after.");
    const char* const end = value.data() + value.size();
    if (const auto read = std::from_chars(value.data(), end, after);
        read.ec != std::errc() || read.ptr != end) {
      return fail(std::string("after must be the `next` of an answer before."));
    }
  }
  return after;
}

http::Response answer(RequestRing& ring, const admin::AdminRequest& request) {
  const auto after = parse_after(request.head.query());
  if (!after) return admin::error_answer(400, after.error());
  const RequestRing::Page page = ring.read(*after, kPageMax);
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.key("requests");
  json.begin_array();
  for (const auto& [number, seen] : page.requests) write_request(number, *seen, &json);
  json.end_array();
  json.member("next", static_cast<std::int64_t>(page.next));
  json.member("lost", static_cast<std::int64_t>(page.lost));
  json.end_object();
  return admin::json_answer(200, std::move(body));
}

}  // namespace

std::vector<admin::Route> request_routes(RequestRing& ring) {
  return {{.method = "GET",
           .path = "/_tidemark/requests",
           .handle = [&ring](const admin::AdminRequest& request) { return answer(ring, request); },
           .shows_items = true,
           .takes_parameters = true}};
}

}  // namespace tidemark::server

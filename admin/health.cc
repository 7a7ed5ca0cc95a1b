#include "admin/health.h"

#include <utility>

#include "base/json_writer.h"

namespace tidemark::admin {

std::vector<Route> health_routes(std::string version) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("status", "ok");
  json.member("version", version);
  json.end_object();
  return {{.method = "GET",
           .path = "/_tidemark/health",
           .handle = [body = std::move(body)](const AdminRequest&) { return json_answer(200, body); },
           .is_quick = true}};
}

}  // namespace tidemark::admin

#include "admin/health.h"

#include <utility>

#include "base/json_writer.h"

namespace tidemark::admin {
namespace {

std::string health_of(storage::Room room, std::string_view version) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  switch (room) {
    case storage::Room::kEnough:
      json.member("status", "ok");
      break;
    case storage::Room::kForDeletes:
      json.member("status", "low on disk space");
      json.member("detail",
                  "Writes that add data are refused until there is space. Reads and deletes go on.");
      break;
    case storage::Room::kNone:
      json.member("status", "disk full");
      json.member("detail", "Writes are refused until there is space. Reads go on.");
      break;
  }
  json.member("version", version);
  json.end_object();
  return body;
}

}  // namespace

std::vector<Route> health_routes(std::string version, std::function<storage::Room()> room) {
  return {{.method = "GET",
           .path = "/_tidemark/health",
           .handle = [version = std::move(version), room = std::move(room)](
                         const AdminRequest&) { return json_answer(200, health_of(room(), version)); },
           .is_quick = true,
           // What watches it may add some of its own.
           .takes_parameters = true}};
}

}  // namespace tidemark::admin

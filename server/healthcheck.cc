#include "server/healthcheck.h"

#include <optional>

#include "base/json.h"
#include "server/columns.h"

namespace tidemark::server {

Result<void> check_health(const ServerAddress& server) {
  ASSIGN_OR_RETURN(const HttpAnswer answer, ask_server(server, {.path = "/_tidemark/health"}));
  json::Document document;
  const auto root = document.parse(answer.body);
  const auto status = root && root->is_object() ? root->find("status") : std::nullopt;
  if (answer.status == 200 && status && status->is_string() && status->string() == "ok") return {};
  const std::string name = server.host + ":" + std::to_string(server.port);
  if (status && status->is_string()) {
    return fail(Error::unavailable(name + " is not well: " + printable(status->string())));
  }
  return fail(Error::unavailable(name + " does not answer that it is well"));
}

}  // namespace tidemark::server

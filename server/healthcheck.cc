#include "server/healthcheck.h"

namespace tidemark::server {

Result<void> check_health(const ServerAddress& server) {
  ASSIGN_OR_RETURN(const HttpAnswer answer, ask_server(server, {.path = "/_tidemark/health"}));
  if (answer.status != 200 || answer.body.find("\"status\":\"ok\"") == std::string::npos) {
    return fail(Error::unavailable(server.host + ":" + std::to_string(server.port) +
                                   " does not answer that it is well"));
  }
  return {};
}

}  // namespace tidemark::server

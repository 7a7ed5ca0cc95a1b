#include "server/commands/healthcheck.h"

#include <string_view>
#include <thread>

#include "base/json.h"
#include "server/commands/columns.h"

namespace tidemark::server {

namespace {

Result<void> ask_once(const ServerAddress& server) {
  ASSIGN_OR_RETURN(const HttpAnswer answer, ask_server(server, {.path = "/_tidemark/health"}));
  json::Document document;
  const auto root = document.parse(answer.body);
  std::string_view status;
  if (root && root->is_object()) {
    if (const auto member = root->find("status"); member && member->is_string()) status = member->string();
  }
  if (answer.status == 200 && status == "ok") return {};
  const std::string name = server.host + ":" + std::to_string(server.port);
  if (!status.empty()) return fail(Error::unavailable(name + " is not well: " + printable(status)));
  return fail(Error::unavailable(name + " does not answer that it is well"));
}

}  // namespace

Result<void> check_health(const ServerAddress& server, std::chrono::seconds patience) {
  constexpr std::chrono::milliseconds kPause{50};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto healthy = ask_once(server);
    if (healthy || std::chrono::steady_clock::now() + kPause > deadline) return healthy;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace tidemark::server

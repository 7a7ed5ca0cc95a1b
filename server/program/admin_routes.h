// What there is below /_tidemark/.
#pragma once

#include <vector>

#include "admin/service.h"
#include "server/command_line/serve_config.h"
#include "server/program/parts.h"

namespace tidemark::server {

// All routes that the server has for itself, those below `/_tidemark/` and the few elsewhere. They point into
// `parts`, which must outlive them.
std::vector<admin::Route> admin_routes(const ServeConfig& config, ServerParts* parts);

}  // namespace tidemark::server

// What there is below /_tidemark/.
#pragma once

#include <vector>

#include "admin/service.h"
#include "server/command_line/serve_config.h"
#include "server/program/parts.h"

namespace tidemark::server {

// Of the whole server. The routes point into `parts`, which must outlive them.
std::vector<admin::Route> admin_routes(const ServeConfig& config, ServerParts* parts);

}  // namespace tidemark::server

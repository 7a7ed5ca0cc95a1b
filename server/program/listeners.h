// The ports of a server.
#pragma once

#include "base/result.h"
#include "server/command_line/serve_config.h"
#include "server/program/parts.h"

namespace tidemark::server {

// Needs the doors. From here on the server answers. Errors: of the certificate; those of Server::start().
Result<void> open_ports(const ServeConfig& config, ServerParts* parts);

}  // namespace tidemark::server

// What stands in front of the services on all ports: who is asked for what, whose the tables are, and what is
// below /_tidemark/.
#pragma once

#include "server/command_line/serve_config.h"
#include "server/program/parts.h"

namespace tidemark::server {

// Needs the services. Makes two doors: `shared_port` to all services and `s3_port` to S3 alone.
void build_doors(const ServeConfig& config, ServerParts* parts);

}  // namespace tidemark::server

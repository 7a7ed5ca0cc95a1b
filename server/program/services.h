// The services of a server, and the jobs behind them.
#pragma once

#include "base/result.h"
#include "server/command_line/serve_config.h"
#include "server/program/parts.h"

namespace tidemark::server {

// Needs the stores. Jobs that a former run began go on from here. Errors: kInvalidArgument for buckets
// elsewhere that cannot be spoken to.
Result<void> build_services(const ServeConfig& config, ServerParts* parts);

}  // namespace tidemark::server

// What a server says when it is there.
#pragma once

#include "server/command_line/serve_config.h"
#include "server/program/parts.h"

namespace tidemark::server {

// To the log: where it listens, and what everybody should know who can reach it.
void log_start(const ServeConfig& config, const ServerParts& parts);

// To standard output: the line of JSON with the ports that says `ready`.
void announce(const ServeConfig& config, const ServerParts& parts);

// To both streams: the lines that tools wait for which know another server. Nothing without --personality.
void greet(const ServeConfig& config, const ServerParts& parts);

}  // namespace tidemark::server

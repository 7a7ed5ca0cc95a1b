// What the program knows of itself, as personalities ask for it.
#pragma once

#include "server/command_line/serve_config.h"
#include "server/personality/personality.h"
#include "server/program/parts.h"

namespace tidemark::server {

// What personalities tell of the server; without port and endpoint. Points into `parts`.
PersonalityFacts facts_of(const ServeConfig& config, const ServerParts& parts);

}  // namespace tidemark::server

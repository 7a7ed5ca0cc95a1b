// Which ports a running server has, and what clients call them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/status.h"
#include "server/command_line/serve_config.h"
#include "server/program/parts.h"

namespace tidemark::server {

// How a client on this machine reaches the server: `http://127.0.0.1:8000`
std::string endpoint_of(const ServeConfig& config, std::uint16_t port);

// The personality of the first port.
const Personality& first_personality(const ServeConfig& config);

// The port of S3 alone, if it is there. `ports` as Server::ports() has them.
std::optional<std::uint16_t> bound_s3_port(const ServeConfig& config,
                                           const std::vector<std::uint16_t>& ports);

// Where the ports of config.listeners begin.
std::size_t first_of_more(const ServeConfig& config);

// Empty until the server runs.
std::vector<admin::Endpoint> endpoints_of(const ServeConfig& config, const ServerParts& parts);

}  // namespace tidemark::server

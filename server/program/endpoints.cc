#include "server/program/endpoints.h"

namespace tidemark::server {

std::string endpoint_of(const ServeConfig& config, std::uint16_t port) {
  const std::string& host = config.host;
  std::string name = host;
  if (host == "0.0.0.0") {
    name = "127.0.0.1";
  } else if (host == "::") {
    name = "[::1]";
  } else if (host.find(':') != std::string::npos) {
    name = "[" + host + "]";
  }
  return (config.has_tls() ? "https://" : "http://") + name + ":" + std::to_string(port);
}

const Personality& first_personality(const ServeConfig& config) {
  if (config.personality != nullptr) return *config.personality;
  return personality_of_port(config.port, kTidemarkPersonality);
}

std::optional<std::uint16_t> bound_s3_port(const ServeConfig& config,
                                           const std::vector<std::uint16_t>& ports) {
  return config.s3_port && ports[1] != 0 ? std::optional(ports[1]) : std::nullopt;
}

std::size_t first_of_more(const ServeConfig& config) { return config.s3_port ? 2 : 1; }

std::vector<admin::Endpoint> endpoints_of(const ServeConfig& config, const ServerParts& parts) {
  std::vector<admin::Endpoint> endpoints;
  if (!parts.server) return endpoints;
  for (const std::uint16_t port : parts.server->ports()) {
    if (port == 0) continue;
    const bool is_first = endpoints.empty();
    endpoints.push_back({.url = endpoint_of(config, port),
                         .services = is_first ? std::vector<std::string>{"dynamodb", "s3", "sts", "logs"}
                                              : std::vector<std::string>{"s3"}});
  }
  return endpoints;
}

}  // namespace tidemark::server

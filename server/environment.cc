#include "server/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/nearest.h"

namespace tidemark::server {
namespace {

constexpr std::string_view kPrefix = "TIDEMARK_";
constexpr std::size_t kSlipsMax = 2;
constexpr std::string_view kProtocols[] = {"TCP", "UDP", "SCTP"};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// `9000_TCP`, `9000_TCP_ADDR`
bool is_port_detail(std::string_view text) {
  const std::size_t end = std::min(text.find('_'), text.size());
  if (!is_number(text.substr(0, end)) || end == text.size()) return false;
  const std::string_view rest = text.substr(end + 1);
  return std::any_of(std::begin(kProtocols), std::end(kProtocols), [rest](std::string_view protocol) {
    if (!rest.starts_with(protocol)) return false;
    const std::string_view detail = rest.substr(protocol.size());
    return detail.empty() || detail == "_PROTO" || detail == "_PORT" || detail == "_ADDR";
  });
}

bool is_address(std::string_view value) {
  return value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

Variables process_variables() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::sort(variables.begin(), variables.end());
  return variables;
}

bool is_service_link(std::string_view name, std::string_view value) {
  if (!name.starts_with(kPrefix)) return false;
  // TIDEMARK_S3_... are those of a service called tidemark-s3.
  const std::string_view rest = name.substr(kPrefix.size() - 1);
  if (rest.ends_with("_PORT") && is_address(value)) return true;
  if (rest.ends_with("_NAME") && value.starts_with('/')) return true;  // Docker: /web/tidemark
  if (rest.find("_ENV_") != std::string_view::npos) return true;  // Docker: what the container itself has
  if (rest.ends_with("_SERVICE_HOST") || rest.find("_SERVICE_PORT") != std::string_view::npos) return true;
  for (std::size_t at = rest.find("_PORT_"); at != std::string_view::npos; at = rest.find("_PORT_", at + 1)) {
    if (is_port_detail(rest.substr(at + 6))) return true;
  }
  return false;
}

std::vector<UnknownVariable> unknown_variables(const Variables& variables,
                                               const std::vector<std::string>& known) {
  std::vector<UnknownVariable> unknown;
  for (const auto& [name, value] : variables) {
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    if (is_known || value.empty() || is_service_link(name, value)) continue;
    unknown.push_back({.name = name, .meant = nearest_name(name, known, kSlipsMax)});
  }
  return unknown;
}

}  // namespace tidemark::server

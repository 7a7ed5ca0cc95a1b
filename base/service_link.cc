#include "base/service_link.h"

#include <algorithm>
#include <iterator>

namespace tidemark {
namespace {

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

bool is_service_link(std::string_view name, std::string_view value) {
  if (name.ends_with("_PORT") && is_address(value)) return true;
  if (name.ends_with("_NAME") && value.starts_with('/')) return true;  // Docker: /web/tidemark
  if (name.find("_ENV_") != std::string_view::npos) return true;  // Docker: what the container itself has
  if (name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != std::string_view::npos) return true;
  for (std::size_t at = name.find("_PORT_"); at != std::string_view::npos; at = name.find("_PORT_", at + 1)) {
    if (is_port_detail(name.substr(at + 6))) return true;
  }
  return false;
}

}  // namespace tidemark

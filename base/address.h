// IP addresses of peers, and ranges of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

// An address or a range of them in CIDR notation, of either IP version.
struct AddressRange {
  std::string bytes;  // 4 or 16
  unsigned prefix_bits = 0;

  [[nodiscard]] bool contains(const AddressRange& address) const;
};

// Nothing when it is none. IPv4 addresses mapped into IPv6 are read as IPv4.
std::optional<AddressRange> parse_address_range(std::string_view text);

// Whether a peer with this address is on the same machine.
bool is_loopback(std::string_view address);

}  // namespace tidemark

#include "base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tidemark {

bool AddressRange::contains(const AddressRange& address) const {
  if (bytes.size() != address.bytes.size() || prefix_bits > address.prefix_bits) return false;
  for (unsigned bit = 0; bit < prefix_bits; bit += 8) {
    const auto own = static_cast<unsigned char>(bytes[bit / 8]);
    const auto other = static_cast<unsigned char>(address.bytes[bit / 8]);
    const unsigned width = std::min(8U, prefix_bits - bit);
    if (((own ^ other) >> (8 - width)) != 0) return false;
  }
  return true;
}

std::optional<AddressRange> parse_address_range(std::string_view text) {
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  const std::size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  std::array<char, 16> buffer{};
  AddressRange range;
  if (::inet_pton(AF_INET, host.c_str(), buffer.data()) == 1) {
    range.bytes.assign(buffer.data(), 4);
  } else if (::inet_pton(AF_INET6, host.c_str(), buffer.data()) == 1) {
    range.bytes.assign(buffer.data(), 16);
  } else {
    return std::nullopt;
  }
  const unsigned bits_max = static_cast<unsigned>(range.bytes.size()) * 8;
  range.prefix_bits = bits_max;
  if (slash != std::string_view::npos) {
    const std::string_view bits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), range.prefix_bits);
    if (error != std::errc() || end != bits.data() + bits.size() || range.prefix_bits > bits_max) {
      return std::nullopt;
    }
  }
  if (range.bytes.starts_with(kMapped) && range.prefix_bits >= 96) {
    range.bytes = range.bytes.substr(12);
    range.prefix_bits -= 96;
  }
  return range;
}

bool is_loopback(std::string_view address) {
  static const AddressRange kV4 = *parse_address_range("127.0.0.0/8");
  static const AddressRange kV6 = *parse_address_range("::1");
  const auto range = parse_address_range(address);
  return range && (kV4.contains(*range) || kV6.contains(*range));
}

}  // namespace tidemark

#include "transfer/format/ion_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace tidemark::transfer::format {

bool append_decimal(std::string* out, std::string_view magnitude) {
  constexpr std::size_t kMagnitudeBytesMax = 54;  // 9.99e125 and more
  constexpr std::uint64_t kChunk = 1'000'000'000;
  constexpr std::size_t kChunkDigits = 9;
  magnitude.remove_prefix(std::min(magnitude.find_first_not_of('\0'), magnitude.size()));
  if (magnitude.size() > kMagnitudeBytesMax) return false;
  if (magnitude.size() <= sizeof(std::uint64_t)) {
    std::uint64_t value = 0;
    for (const char c : magnitude) value = value << 8 | static_cast<unsigned char>(c);
    *out += std::to_string(value);
    return true;
  }
  std::vector<std::uint32_t> chunks;  // of nine digits, lowest first
  for (const char c : magnitude) {
    std::uint64_t carry = static_cast<unsigned char>(c);
    for (std::uint32_t& chunk : chunks) {
      carry += std::uint64_t{chunk} << 8;
      chunk = static_cast<std::uint32_t>(carry % kChunk);
      carry /= kChunk;
    }
    if (carry > 0) chunks.push_back(static_cast<std::uint32_t>(carry));
  }
  *out += std::to_string(chunks.back());
  for (auto chunk = chunks.rbegin() + 1; chunk != chunks.rend(); ++chunk) {
    const std::string digits = std::to_string(*chunk);
    out->append(kChunkDigits - digits.size(), '0');
    *out += digits;
  }
  return true;
}

void append_decimal(std::string* out, double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc()) out->append(text.data(), end);
}

}  // namespace tidemark::transfer::format

#include "base/bytes.h"

#include <array>
#include <bit>
#include <cstring>

namespace tidemark {
namespace {

static_assert(std::endian::native == std::endian::little, "the loads below swap for big endian only");

template <class T>
T load(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

template <class T>
void append_raw(std::string* out, T value) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  out->append(bytes, sizeof(bytes));
}

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kBase64Digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNotBase64 = 0xff;

constexpr std::array<std::uint8_t, 256> base64_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotBase64);
  for (std::uint8_t i = 0; i < 64; ++i) values[static_cast<unsigned char>(kBase64Digits[i])] = i;
  return values;
}
constexpr auto kBase64Values = base64_values();

std::uint32_t base64_value(char c) { return kBase64Values[static_cast<unsigned char>(c)]; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::size_t base64_padding(std::string_view text) {
  if (text.ends_with("==")) return 2;
  return text.ends_with('=') ? 1 : 0;
}

}  // namespace

void append_u16_be(std::string* out, std::uint16_t value) { append_raw(out, __builtin_bswap16(value)); }
void append_u32_be(std::string* out, std::uint32_t value) { append_raw(out, __builtin_bswap32(value)); }
void append_u64_be(std::string* out, std::uint64_t value) { append_raw(out, __builtin_bswap64(value)); }
void append_u32_le(std::string* out, std::uint32_t value) { append_raw(out, value); }
void append_u64_le(std::string* out, std::uint64_t value) { append_raw(out, value); }

void append_varint(std::string* out, std::uint64_t value) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

std::uint16_t read_u16_be(const char* bytes) { return __builtin_bswap16(load<std::uint16_t>(bytes)); }
std::uint32_t read_u32_be(const char* bytes) { return __builtin_bswap32(load<std::uint32_t>(bytes)); }
std::uint64_t read_u64_be(const char* bytes) { return __builtin_bswap64(load<std::uint64_t>(bytes)); }
std::uint32_t read_u32_le(const char* bytes) { return load<std::uint32_t>(bytes); }
std::uint64_t read_u64_le(const char* bytes) { return load<std::uint64_t>(bytes); }

std::optional<std::uint64_t> take_varint(std::string_view* in) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < in->size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>((*in)[i]);
    if (i == 9 && byte > 1) return std::nullopt;  // beyond 64 bits
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      in->remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kHexDigits[byte >> 4]);
    out.push_back(kHexDigits[byte & 0x0f]);
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

void append_base64(std::string* out, std::string_view bytes) {
  const std::size_t start = out->size();
  out->resize(start + (bytes.size() + 2) / 3 * 4);
  char* to = out->data() + start;
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 3; left -= 3, from += 3) {
    const std::uint32_t group = std::uint32_t{from[0]} << 16 | std::uint32_t{from[1]} << 8 | from[2];
    *to++ = kBase64Digits[group >> 18];
    *to++ = kBase64Digits[group >> 12 & 63];
    *to++ = kBase64Digits[group >> 6 & 63];
    *to++ = kBase64Digits[group & 63];
  }
  if (left == 0) return;
  const std::uint32_t group = std::uint32_t{from[0]} << 16 | (left == 2 ? std::uint32_t{from[1]} << 8 : 0);
  *to++ = kBase64Digits[group >> 18];
  *to++ = kBase64Digits[group >> 12 & 63];
  *to++ = left == 2 ? kBase64Digits[group >> 6 & 63] : '=';
  *to = '=';
}

std::string base64_encode(std::string_view bytes) {
  std::string out;
  append_base64(&out, bytes);
  return out;
}

bool is_base64(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  if (text.empty()) return true;
  const std::size_t padding = base64_padding(text);
  std::uint32_t seen = 0;  // every digit value or-ed together: above 63 when one was no digit
  for (const char c : text.substr(0, text.size() - padding)) seen |= base64_value(c);
  const std::uint32_t last = base64_value(text[text.size() - padding - 1]);
  const std::uint32_t unused = padding == 0 ? 0 : (padding == 1 ? last & 0x03 : last & 0x0f);
  return seen <= 63 && unused == 0;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (!is_base64(text)) return std::nullopt;
  if (text.empty()) return std::string();
  const std::size_t padding = base64_padding(text);
  std::string out(base64_decoded_size(text), '\0');
  char* to = out.data();
  const std::size_t whole = text.size() - (padding == 0 ? 0 : 4);
  for (std::size_t i = 0; i < whole; i += 4) {
    const std::uint32_t group = base64_value(text[i]) << 18 | base64_value(text[i + 1]) << 12 |
                                base64_value(text[i + 2]) << 6 | base64_value(text[i + 3]);
    *to++ = static_cast<char>(group >> 16);
    *to++ = static_cast<char>(group >> 8);
    *to++ = static_cast<char>(group);
  }
  if (padding > 0) {
    const std::uint32_t a = base64_value(text[whole]), b = base64_value(text[whole + 1]);
    *to++ = static_cast<char>(a << 2 | b >> 4);
    if (padding == 1) *to = static_cast<char>(b << 4 | base64_value(text[whole + 2]) >> 2);
  }
  return out;
}

std::size_t base64_decoded_size(std::string_view text) {
  return text.size() < 4 ? 0 : text.size() / 4 * 3 - base64_padding(text);
}

}  // namespace tidemark

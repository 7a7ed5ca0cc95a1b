#include "model/canonical_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/bytes.h"
#include "base/text.h"
#include "model/floor_half.h"

namespace tidemark::model {
namespace {

// The index of the first quote at or behind `at`; npos if there is none. Most strings are short, so that a
// call of memchr costs more than the search.
std::size_t next_quote(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  static_assert(std::endian::native == std::endian::little);
  for (int words = 0; words < 4 && at + sizeof(std::uint64_t) <= text.size(); ++words) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    word ^= kOnes * '"';
    // The lowest bit of it is right; those above may be wrong.
    const std::uint64_t found = (word - kOnes) & ~word & kHighBits;
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    at += sizeof word;
  }
  return text.find('"', at);
}

// +1 for what opens, -1 for what closes.
constexpr std::array<signed char, 256> make_depth_changes() {
  std::array<signed char, 256> changes{};
  changes['{'] = changes['['] = 1;
  changes['}'] = changes[']'] = -1;
  return changes;
}
constexpr auto kDepthChanges = make_depth_changes();

}  // namespace

std::optional<AttributeType> parse_type_descriptor(std::string_view descriptor) {
  if (descriptor.size() == 1) {
    switch (descriptor.front()) {
      case 'S':
        return AttributeType::kString;
      case 'N':
        return AttributeType::kNumber;
      case 'B':
        return AttributeType::kBinary;
      case 'M':
        return AttributeType::kMap;
      case 'L':
        return AttributeType::kList;
      default:
        return std::nullopt;
    }
  }
  if (descriptor.size() == 2 && descriptor[1] == 'S') {
    switch (descriptor.front()) {
      case 'S':
        return AttributeType::kStringSet;
      case 'N':
        return AttributeType::kNumberSet;
      case 'B':
        return AttributeType::kBinarySet;
      default:
        return std::nullopt;
    }
  }
  if (descriptor == "BOOL") return AttributeType::kBool;
  if (descriptor == "NULL") return AttributeType::kNull;
  return std::nullopt;
}

bool take_literal(std::string_view* in, std::string_view expected) {
  if (!in->starts_with(expected)) return false;
  in->remove_prefix(expected.size());
  return true;
}

std::size_t closing_quote(std::string_view text, std::size_t open) {
  std::size_t at = open + 1;
  while (true) {
    at = next_quote(text, at);
    if (at == std::string_view::npos || text[at - 1] != '\\') [[likely]] {
      return at;
    }
    std::size_t backslashes = 1;
    while (text[at - 1 - backslashes] == '\\') ++backslashes;  // stops at the opening quote
    if (backslashes % 2 == 0) return at;
    ++at;
  }
}

std::optional<std::string_view> take_raw_string(std::string_view* in) {
  if (!in->starts_with('"')) return std::nullopt;
  const std::size_t end = closing_quote(*in, 0);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view raw = in->substr(1, end - 1);
  in->remove_prefix(end + 1);
  return raw;
}

std::size_t value_end(std::string_view text, std::size_t at) {
  constexpr std::size_t kNowhere = std::string_view::npos;
  if (at >= text.size() || text[at] != '{') return kNowhere;
  // Nearly all values are {"S":"..."} or the like: one search for the closing quote finds their end.
  constexpr std::size_t kContentAt = 5;
  if (text.size() - at > kContentAt && text[at + 3] == '"' && text[at + kContentAt] == '"') {
    const std::size_t quote = closing_quote(text, at + kContentAt);
    if (quote == kNowhere) return kNowhere;
    if (quote + 1 < text.size() && text[quote + 1] == '}') return quote + 2;
  }
  int depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    if (text[i] == '"') {
      // Half of all strings in there are `S` and the like.
      const bool is_one_byte =
          i + 2 < text.size() && text[i + 2] == '"' && text[i + 1] != '\\' && text[i + 1] != '"';
      i = is_one_byte ? i + 2 : closing_quote(text, i);
      if (i == kNowhere) return kNowhere;
      continue;
    }
    depth += kDepthChanges[static_cast<unsigned char>(text[i])];
    if (depth == 0) return i + 1;
  }
  return kNowhere;
}

std::optional<std::string_view> take_value_text(std::string_view* in) {
  const std::size_t end = value_end(*in, 0);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view text = in->substr(0, end);
  in->remove_prefix(end);
  return text;
}

std::optional<std::string> unescape(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  while (true) {
    const std::size_t backslash = raw.find('\\');
    out.append(raw.substr(0, backslash));
    if (backslash == std::string_view::npos) return out;
    raw.remove_prefix(backslash + 1);
    if (raw.empty()) return std::nullopt;
    static constexpr std::string_view kLetters = "\"\\bfnrt";
    static constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t";
    const std::size_t which = kLetters.find(raw.front());
    if (which != std::string_view::npos) {
      out.push_back(kMeanings[which]);
      raw.remove_prefix(1);
      continue;
    }
    // Canonical text writes only control characters as \u00XX.
    if (!take_literal(&raw, "u00") || raw.size() < 2) return std::nullopt;
    const auto byte = from_hex(raw.substr(0, 2));
    if (!byte || static_cast<unsigned char>(byte->front()) >= 0x20) return std::nullopt;
    out.append(*byte);
    raw.remove_prefix(2);
  }
}

std::strong_ordering order_of(std::string_view raw_name, std::string_view name) {
  if (raw_name.find('\\') == std::string_view::npos) [[likely]] {
    return raw_name <=> name;
  }
  return std::string_view(unescape(raw_name).value_or(std::string())) <=> name;
}

std::uint32_t unescaped_size(std::string_view raw) {
  std::size_t size = raw.size();
  for (std::size_t i = raw.find('\\'); i < raw.size() - 1 && i != std::string_view::npos;
       i = raw.find('\\', i)) {
    const std::size_t escape_bytes = raw[i + 1] == 'u' ? 6 : 2;
    if (raw.size() - i < escape_bytes) break;
    size -= escape_bytes - 1;
    i += escape_bytes;
  }
  return static_cast<std::uint32_t>(size);
}

std::optional<ScalarText> scalar_text(std::string_view value_text) {
  // {"S":"..."}
  if (value_text.size() < 8 || !value_text.starts_with("{\"") || value_text.substr(3, 3) != "\":\"" ||
      !value_text.ends_with("\"}")) {
    return std::nullopt;
  }
  const auto type = parse_type_descriptor(value_text.substr(2, 1));
  if (!type || *type > AttributeType::kBinary) return std::nullopt;
  return ScalarText{*type, value_text.substr(6, value_text.size() - 8)};
}

std::optional<AttributeType> type_of_text(std::string_view value_text) {
  if (!take_literal(&value_text, "{")) return std::nullopt;
  const auto descriptor = take_raw_string(&value_text);
  if (!descriptor) return std::nullopt;
  return parse_type_descriptor(*descriptor);
}

bool is_plainly_normal_number(std::string_view text) {
  constexpr std::size_t kDigitsMax = 38;
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  if (text.empty() || text.size() > kDigitsMax) return false;
  std::size_t i = 0;
  while (i < text.size() && is_digit(text[i])) ++i;
  if (i == 0 || (text[0] == '0' && i > 1)) return false;
  if (i == text.size()) return !is_negative || text[0] != '0';
  if (text[i] != '.') return false;
  for (++i; i < text.size(); ++i) {
    if (!is_digit(text[i])) return false;
  }
  return text.back() >= '1' && text.back() <= '9';
}

std::uint32_t number_text_size_bytes(std::string_view text) {
  if (text == "0") return 1;
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view integer = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  // Powers of ten of the first and the last digit that is not zero.
  int first = static_cast<int>(integer.size()) - 1;
  if (integer == "0") {
    first = -1 - static_cast<int>(std::min(fraction.find_first_not_of('0'), fraction.size()));
  }
  int last = -static_cast<int>(fraction.size());
  if (fraction.empty()) {
    const std::size_t last_digit = integer.find_last_not_of('0');
    last = last_digit == std::string_view::npos ? first : static_cast<int>(integer.size() - 1 - last_digit);
  }
  return static_cast<std::uint32_t>(1 + floor_half(first) - floor_half(last) + 1 + (is_negative ? 1 : 0));
}

}  // namespace tidemark::model

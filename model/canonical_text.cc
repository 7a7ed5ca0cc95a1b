#include "model/canonical_text.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"

namespace tidemark::model {
namespace {

int floor_half(int value) { return value >= 0 ? value / 2 : (value - 1) / 2; }

// The end of the string that begins behind the opening quote at text[0]: the index of the closing quote.
std::size_t closing_quote(std::string_view text) {
  std::size_t at = 1;
  while (true) {
    at = text.find('"', at);
    if (at == std::string_view::npos) return at;
    std::size_t backslashes = 0;
    while (text[at - 1 - backslashes] == '\\') ++backslashes;  // stops at the opening quote
    if (backslashes % 2 == 0) return at;
    ++at;
  }
}

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
  for (const AttributeType type : {AttributeType::kBool, AttributeType::kNull, AttributeType::kStringSet,
                                   AttributeType::kNumberSet, AttributeType::kBinarySet}) {
    if (type_descriptor(type) == descriptor) return type;
  }
  return std::nullopt;
}

bool take_literal(std::string_view* in, std::string_view expected) {
  if (!in->starts_with(expected)) return false;
  in->remove_prefix(expected.size());
  return true;
}

std::optional<std::string_view> take_raw_string(std::string_view* in) {
  if (!in->starts_with('"')) return std::nullopt;
  const std::size_t end = closing_quote(*in);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view raw = in->substr(1, end - 1);
  in->remove_prefix(end + 1);
  return raw;
}

std::optional<std::string_view> take_value_text(std::string_view* in) {
  const std::string_view text = *in;
  if (!text.starts_with('{')) return std::nullopt;
  // Nearly all values are {"S":"..."} or the like: one search for the closing quote finds their end.
  constexpr std::size_t kContentAt = 5;
  if (text.size() > kContentAt && text[3] == '"' && text[kContentAt] == '"') {
    const std::size_t length = closing_quote(text.substr(kContentAt));
    if (length == std::string_view::npos) return std::nullopt;
    const std::size_t end = kContentAt + length + 1;
    if (end < text.size() && text[end] == '}') {
      in->remove_prefix(end + 1);
      return text.substr(0, end + 1);
    }
  }
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) {
          in->remove_prefix(i + 1);
          return text.substr(0, i + 1);
        }
        break;
      case '"': {
        const std::size_t length = closing_quote(text.substr(i));
        if (length == std::string_view::npos) return std::nullopt;
        i += length;
        break;
      }
      default:
        break;
    }
  }
  return std::nullopt;
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

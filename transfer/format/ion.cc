#include "transfer/format/ion.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"

namespace tidemark::transfer::format {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
// Closer to zero than this, decimals are written with an exponent: the rule of java.math.BigDecimal.
constexpr int kPlainExponentMin = -6;

void append_escaped(std::string* out, std::string_view text, char quote) {
  *out += quote;
  for (const char c : text) {
    switch (c) {
      case '\\':
        *out += "\\\\";
        continue;
      case '\n':
        *out += "\\n";
        continue;
      case '\r':
        *out += "\\r";
        continue;
      case '\t':
        *out += "\\t";
        continue;
      case '\b':
        *out += "\\b";
        continue;
      case '\f':
        *out += "\\f";
        continue;
      case '\a':
        *out += "\\a";
        continue;
      case '\v':
        *out += "\\v";
        continue;
      case '\0':
        *out += "\\0";
        continue;
      default:
        break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote) {
      *out += '\\';
      *out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      *out += "\\x";
      *out += kHexDigits[byte >> 4];
      *out += kHexDigits[byte & 0xf];
    } else {
      *out += c;
    }
  }
  *out += quote;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Names that stand without quotes: identifiers that are neither keywords nor symbol ids.
bool is_plain_name(std::string_view name) {
  if (name.empty() || !is_letter(name.front())) return false;
  if (!std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); }))
    return false;
  if (name == "null" || name == "true" || name == "false" || name == "nan") return false;
  const bool is_symbol_id =
      name.size() > 1 && name.front() == '$' && std::all_of(name.begin() + 1, name.end(), is_digit);
  return !is_symbol_id;
}

void append_name(std::string* out, std::string_view name) {
  if (is_plain_name(name)) {
    *out += name;
  } else {
    append_escaped(out, name, '\'');
  }
}

void append_blob(std::string* out, std::string_view bytes) {
  *out += "{{";
  *out += base64_encode(bytes);
  *out += "}}";
}

template <class List, class Append>
void append_list(std::string* out, const List& list, Append append) {
  *out += '[';
  bool is_first = true;
  for (const auto& member : list) {
    if (!is_first) *out += ',';
    is_first = false;
    append(member);
  }
  *out += ']';
}

struct ValueAppender {
  std::string* out;

  void operator()(const std::string& text) const { append_escaped(out, text, '"'); }
  void operator()(const model::Number& number) const { append_ion_decimal(out, number.to_string()); }
  void operator()(const model::Binary& binary) const { append_blob(out, binary.bytes); }
  void operator()(bool value) const { *out += value ? "true" : "false"; }
  void operator()(const model::Null&) const { *out += "null"; }
  void operator()(const model::StringSet& set) const {
    *out += "$dynamodb_SS::";
    append_list(out, set.members, *this);
  }
  void operator()(const model::NumberSet& set) const {
    *out += "$dynamodb_NS::";
    append_list(out, set.members, *this);
  }
  void operator()(const model::BinarySet& set) const {
    *out += "$dynamodb_BS::";
    append_list(out, set.members, [this](const std::string& bytes) { append_blob(out, bytes); });
  }
  void operator()(const model::List& list) const {
    append_list(out, list, [this](const model::AttributeValue& value) { append_ion(out, value); });
  }
  void operator()(const model::AttributeMap& map) const { append_ion(out, map); }
};

}  // namespace

void append_ion_decimal(std::string* out, std::string_view plain) {
  if (plain.starts_with('-')) {
    *out += '-';
    plain.remove_prefix(1);
  }
  const std::size_t point = plain.find('.');
  std::string digits(plain.substr(0, point));
  int exponent = 0;
  if (point != std::string_view::npos) {
    digits += plain.substr(point + 1);
    exponent = -static_cast<int>(plain.size() - point - 1);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) {
    *out += "0.";
    return;
  }
  while (digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  const int count = static_cast<int>(digits.size());
  if (exponent >= 0) {
    *out += digits;
    *out += exponent == 0 ? "." : "d" + std::to_string(exponent);
  } else if (const int whole = count + exponent; whole > 0) {
    out->append(digits, 0, static_cast<std::size_t>(whole));
    *out += '.';
    out->append(digits, static_cast<std::size_t>(whole));
  } else if (count - 1 + exponent >= kPlainExponentMin) {
    *out += "0.";
    out->append(static_cast<std::size_t>(-exponent - count), '0');
    *out += digits;
  } else {
    *out += digits + "d" + std::to_string(exponent);
  }
}

void append_ion(std::string* out, const model::AttributeValue& value) {
  std::visit(ValueAppender{out}, value.data);
}

void append_ion(std::string* out, const model::AttributeMap& attributes) {
  *out += '{';
  bool is_first = true;
  for (const auto& [name, value] : attributes) {
    if (!is_first) *out += ',';
    is_first = false;
    append_name(out, name);
    *out += ':';
    append_ion(out, value);
  }
  *out += '}';
}

}  // namespace tidemark::transfer::format

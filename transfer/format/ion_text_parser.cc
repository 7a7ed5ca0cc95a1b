#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/bytes.h"
#include "base/text.h"
#include "base/utf8.h"
#include "transfer/format/ion_parser.h"
#include "transfer/format/ion_symbols.h"

namespace tidemark::transfer::format {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\v' || c == '\f'; }
bool is_name_character(char c) { return is_letter(c) || is_digit(c); }
bool is_number_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         c == '+' || c == '.' || c == ':';
}
bool is_operator(char c) { return std::string_view("!#%&*+-./;<=>?@^`|~").find(c) != std::string_view::npos; }

// Bytes that stand for themselves in a short string with such quotes.
std::size_t plain_prefix(std::string_view text, char quote) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  const auto zero_bytes = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighBits; };
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t below_blank = (word - kOnes * 0x20) & ~word & kHighBits;
    const std::uint64_t stops = zero_bytes(word ^ (kOnes * static_cast<unsigned char>(quote))) |
                                zero_bytes(word ^ (kOnes * '\\')) | below_blank;
    // The lowest bit of it is right; those above may be wrong.
    if (stops != 0) return at + static_cast<std::size_t>(std::countr_zero(stops)) / 8;
  }
  while (at < text.size() && text[at] != quote && text[at] != '\\' &&
         static_cast<unsigned char>(text[at]) >= 0x20) {
    ++at;
  }
  return at;
}

void append_utf8(std::string* out, std::uint32_t code) {
  const auto put = [out](std::uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6), put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 0x3f)), put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 0x3f)), put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// `$12`
std::optional<std::uint64_t> symbol_id(std::string_view name) {
  if (name.size() < 2 || name.front() != '$') return std::nullopt;
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), id);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return id;
}

// Between digits, and nowhere else.
bool has_good_underscores(std::string_view text) {
  const auto is_hex_digit = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  for (std::size_t at = text.find('_'); at != std::string_view::npos; at = text.find('_', at + 1)) {
    if (at == 0 || at + 1 == text.size() || !is_hex_digit(text[at - 1]) || !is_hex_digit(text[at + 1])) {
      return false;
    }
  }
  return true;
}

// Big-endian bytes of digits of a base that is a power of two.
std::optional<std::string> magnitude_of(std::string_view digits, int bits_per_digit) {
  std::string bits;
  for (const char c : digits) {
    if (c == '_') continue;
    const int digit = is_digit(c)                              ? c - '0'
                      : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                               : 99;
    if (digit >= 1 << bits_per_digit) return std::nullopt;
    for (int bit = bits_per_digit - 1; bit >= 0; --bit) bits += (digit >> bit & 1) != 0 ? '1' : '0';
  }
  if (bits.empty()) return std::nullopt;
  bits.insert(0, (8 - bits.size() % 8) % 8, '0');
  std::string magnitude;
  for (std::size_t at = 0; at < bits.size(); at += 8) {
    int byte = 0;
    for (std::size_t bit = 0; bit < 8; ++bit) byte = byte << 1 | (bits[at + bit] - '0');
    magnitude += static_cast<char>(byte);
  }
  return magnitude;
}

// Each method that reads returns false when it could not: because more bytes are needed, or because what
// stands there is not Ion.
class IonTextParser final : public IonParser {
 public:
  Step next(std::string_view bytes, bool is_last, IonEvents& events, std::size_t* taken) override;

 private:
  // What stands before a value: annotations; or the value itself, when it is a symbol or a keyword.
  struct Head {
    std::string annotation;  // the first one
    bool has_annotation = false;
    bool is_symbol = false;
    bool is_quoted = false;
    std::string_view symbol;
    bool has_text = true;
  };

  bool broken() {
    needs_more_ = false;
    return false;
  }
  // The end of the bytes, where something must follow.
  bool missing() {
    needs_more_ = true;
    return false;
  }
  [[nodiscard]] bool at_end() const { return at_ == end_; }
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] bool stands(std::string_view text) const {
    return std::string_view(at_, left()).starts_with(text);
  }
  // Whether it stands there; `*is_known` says whether that can be told yet.
  bool stands(std::string_view text, bool* is_known) const {
    *is_known = is_last_ || left() >= text.size() || !text.starts_with(std::string_view(at_, left()));
    return stands(text);
  }

  bool skip_blanks();
  bool skip_comment();
  bool take_run(bool (*belongs)(char), std::string_view* run);
  bool take_quoted(char quote, std::string_view* text);
  bool take_long_string(std::string_view* text);
  bool take_string(std::string_view* text);
  bool take_escape(std::string* out);
  bool take_hex(std::size_t digits, std::uint32_t* value);
  bool take_head(Head* head);
  bool take_symbol(Head* head);
  bool take_null_type();

  bool top_value(IonEvents& events, Step* step);
  bool value(int level, IonEvents& events);
  bool value_behind(const Head& head, int level, IonEvents& events);
  bool symbol_value(const Head& head, IonEvents& events);
  bool number(IonEvents& events);
  bool number_text(std::string_view text, IonEvents& events);
  bool decimal(std::string_view text, IonEvents& events);
  bool lob(IonEvents& events);
  bool blob(IonEvents& events);
  template <class Member>
  bool members(char close, IonEvents& events, Member member);
  bool list(const std::string& annotation, int level, IonEvents& events);
  bool expression(int level, IonEvents& events);
  bool structure(int level, IonEvents& events);
  bool field_name(IonEvents& events);

  IonSymbols symbols_;
  IonSymbolTableEvents table_;
  bool is_in_list_ = false;  // that stands at the top
  bool needs_comma_ = false;

  const char* begin_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  bool is_last_ = false;
  bool needs_more_ = false;
  std::string scratch_;  // the text that was taken last, unless it stands in the bytes as it is
  std::string number_;
};

bool IonTextParser::skip_comment() {
  const bool is_block = at_[1] == '*';
  const std::string_view rest(at_ + 2, left() - 2);
  std::size_t length = rest.find(is_block ? "*/" : "\n");
  if (length == std::string_view::npos) {
    if (is_block || !is_last_) return missing();
    at_ = end_;
    return true;
  }
  length += is_block ? 2 : 1;
  at_ += 2 + length;
  return true;
}

bool IonTextParser::skip_blanks() {
  while (true) {
    while (!at_end() && is_blank(*at_)) ++at_;
    if (at_end() || *at_ != '/') return true;
    if (left() < 2) return is_last_ || missing();
    if (at_[1] != '/' && at_[1] != '*') return true;
    if (!skip_comment()) return false;
  }
}

bool IonTextParser::take_run(bool (*belongs)(char), std::string_view* run) {
  const char* const from = at_;
  while (!at_end() && belongs(*at_)) ++at_;
  if (at_end() && !is_last_) return missing();
  *run = {from, static_cast<std::size_t>(at_ - from)};
  return true;
}

bool IonTextParser::take_hex(std::size_t digits, std::uint32_t* value) {
  if (left() < digits) return missing();
  const auto [end, error] = std::from_chars(at_, at_ + digits, *value, 16);
  if (error != std::errc() || end != at_ + digits) return broken();
  at_ += digits;
  return true;
}

// At the backslash.
bool IonTextParser::take_escape(std::string* out) {
  if (left() < 2) return missing();
  static constexpr std::string_view kLetters = "abtnfrv?0'\"/\\";
  static constexpr std::string_view kMeanings("\a\b\t\n\f\r\v?\0'\"/\\", 13);
  const char letter = at_[1];
  const std::size_t which = kLetters.find(letter);
  at_ += 2;
  if (which != std::string_view::npos) {
    out->push_back(kMeanings[which]);
    return true;
  }
  if (letter == '\n') return true;
  if (letter == '\r') {
    if (at_end()) return missing();
    if (*at_ == '\n') ++at_;
    return true;
  }
  if (letter != 'x' && letter != 'u' && letter != 'U') return broken();
  std::uint32_t code = 0;
  if (!take_hex(letter == 'x' ? 2 : letter == 'u' ? 4 : 8, &code)) return false;
  if (code >= 0xd800 && code < 0xdc00) {
    // Two halves of one character.
    std::uint32_t low = 0;
    if (left() < 2) return missing();
    if (!stands("\\u")) return broken();
    at_ += 2;
    if (!take_hex(4, &low)) return false;
    if (low < 0xdc00 || low > 0xdfff) return broken();
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return broken();
  append_utf8(out, code);
  return true;
}

// At the opening quote.
bool IonTextParser::take_quoted(char quote, std::string_view* text) {
  ++at_;
  const char* from = at_;
  bool is_copied = false;
  while (true) {
    at_ += plain_prefix({at_, left()}, quote);
    if (at_end()) return missing();
    const std::string_view plain(from, static_cast<std::size_t>(at_ - from));
    if (*at_ == quote) {
      ++at_;
      *text = plain;
      if (is_copied) *text = scratch_.append(plain);
      return is_utf8(*text) || broken();
    }
    if (*at_ == '\n' || *at_ == '\r') return broken();
    if (*at_ != '\\') {  // another control character
      ++at_;
      continue;
    }
    if (!is_copied) scratch_.clear();
    is_copied = true;
    scratch_.append(plain);
    if (!take_escape(&scratch_)) return false;
    from = at_;
  }
}

// At the first of three quotes. Neighbours are one string.
bool IonTextParser::take_long_string(std::string_view* text) {
  static constexpr std::string_view kQuotes = "'''";
  scratch_.clear();
  bool is_known = true;
  do {
    at_ += kQuotes.size();
    while (true) {
      if (at_end()) return missing();
      const bool ends = stands(kQuotes, &is_known);
      if (!is_known) return missing();
      if (ends) break;
      if (*at_ == '\\') {
        if (!take_escape(&scratch_)) return false;
      } else if (*at_ == '\r') {
        if (left() < 2) return missing();
        if (at_[1] != '\n') scratch_ += '\n';
        ++at_;
      } else {
        scratch_ += *at_++;
      }
    }
    at_ += kQuotes.size();
    if (!skip_blanks()) return false;
    if (at_end() && !is_last_) return missing();
    const bool goes_on = stands(kQuotes, &is_known);
    if (!is_known) return missing();
    if (!goes_on) break;
  } while (true);
  *text = scratch_;
  return is_utf8(*text) || broken();
}

bool IonTextParser::take_string(std::string_view* text) {
  return *at_ == '"' ? take_quoted('"', text) : take_long_string(text);
}

// At a letter or a single quote.
bool IonTextParser::take_symbol(Head* head) {
  head->has_text = true;
  head->is_quoted = *at_ == '\'';
  if (head->is_quoted) return take_quoted('\'', &head->symbol);
  if (!take_run(is_name_character, &head->symbol)) return false;
  const auto id = symbol_id(head->symbol);
  if (!id) return true;
  const auto* const symbol = symbols_.find(*id);
  if (symbol == nullptr) return broken();
  head->symbol = symbol->text;
  head->has_text = symbol->has_text;
  head->is_quoted = true;  // `$10` may mean what has no keyword's power
  return true;
}

// Behind `null`, at the point.
bool IonTextParser::take_null_type() {
  static constexpr std::array<std::string_view, 13> kTypes = {
      "null",   "bool", "int",  "float", "decimal", "timestamp", "symbol",
      "string", "clob", "blob", "list",  "sexp",    "struct"};
  ++at_;
  std::string_view type;
  if (!take_run(is_letter, &type)) return false;
  return std::ranges::find(kTypes, type) != kTypes.end() || broken();
}

bool IonTextParser::take_head(Head* head) {
  while (true) {
    if (!skip_blanks()) return false;
    if (at_end()) return missing();
    bool is_known = true;
    const bool is_long_string = stands("'''", &is_known);
    if (!is_known) return missing();
    const bool is_symbol = is_letter(*at_) || (*at_ == '\'' && !is_long_string);
    if (!is_symbol) return true;
    if (!take_symbol(head)) return false;
    if (!head->is_quoted && head->symbol == "null" && !at_end() && *at_ == '.') {
      head->is_symbol = true;
      return take_null_type();
    }
    // What was quoted may lie where blanks, or the next annotation, would be read.
    const char* const behind = at_;
    if (!skip_blanks()) return false;
    const bool is_annotation = stands("::", &is_known);
    if (!is_known) return missing();
    if (!is_annotation) {
      at_ = behind;
      head->is_symbol = true;
      return true;
    }
    at_ += 2;
    if (!head->has_annotation) head->annotation = head->symbol;
    head->has_annotation = true;
  }
}

bool IonTextParser::symbol_value(const Head& head, IonEvents& events) {
  if (!head.has_text) {
    events.other("symbol without text");
  } else if (!head.is_quoted && head.symbol == "null") {
    events.null();
  } else if (!head.is_quoted && (head.symbol == "true" || head.symbol == "false")) {
    events.boolean(head.symbol == "true");
  } else if (!head.is_quoted && head.symbol == "nan") {
    events.number(head.symbol);
  } else {
    events.symbol(head.symbol);
  }
  return true;
}

bool IonTextParser::value(int level, IonEvents& events) {
  Head head;
  return take_head(&head) && value_behind(head, level, events);
}

bool IonTextParser::value_behind(const Head& head, int level, IonEvents& events) {
  if (level > kIonLevelsMax) return broken();
  if (head.is_symbol) return symbol_value(head, events);
  switch (*at_) {
    case '"':
    case '\'': {
      std::string_view text;
      if (!take_string(&text)) return false;
      events.string(text);
      return true;
    }
    case '[':
      return list(head.annotation, level, events);
    case '(':
      return expression(level, events);
    case '{':
      if (left() < 2) return missing();
      return at_[1] == '{' ? lob(events) : structure(level, events);
    default:
      return number(events);
  }
}

bool IonTextParser::number(IonEvents& events) {
  const bool may_begin = is_digit(*at_) || *at_ == '-' || *at_ == '+';
  if (!may_begin) return broken();
  std::string_view text;
  if (!take_run(is_number_character, &text)) return false;
  return number_text(text, events) || broken();
}

bool IonTextParser::number_text(std::string_view text, IonEvents& events) {
  if (text == "+inf" || text == "-inf") {
    events.number(text);
    return true;
  }
  const bool is_timestamp = text.size() > 4 && std::all_of(text.begin(), text.begin() + 4, is_digit) &&
                            (text[4] == '-' || text[4] == 'T');
  if (is_timestamp) {
    events.other("timestamp");
    return true;
  }
  if (!has_good_underscores(text)) return false;
  const bool is_negative = text.starts_with('-');
  const std::string_view digits = text.substr(is_negative ? 1 : 0);
  const int bits_per_digit = digits.starts_with("0x") || digits.starts_with("0X")   ? 4
                             : digits.starts_with("0b") || digits.starts_with("0B") ? 1
                                                                                    : 0;
  if (bits_per_digit == 0) return decimal(text, events);
  const auto magnitude = magnitude_of(digits.substr(2), bits_per_digit);
  if (!magnitude) return false;
  number_.assign(is_negative ? 1 : 0, '-');
  events.number(append_decimal(&number_, *magnitude) ? std::string_view(number_) : text);
  return true;
}

// Digits, a point, digits, an exponent: `12`, `1_000`, `-12.`, `1.5d2` are exact, `1.5e2` is a double.
bool IonTextParser::decimal(std::string_view text, IonEvents& events) {
  if (text.find('_') != std::string_view::npos) {
    number_.assign(text);
    std::erase(number_, '_');
    text = number_;
  }
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t first = at;
  const auto skip_digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
  };
  const std::size_t whole_digits = skip_digits();
  if (whole_digits == 0 || (whole_digits > 1 && text[first] == '0')) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    skip_digits();
  }
  if (at == text.size()) {
    if (text.ends_with('.')) text.remove_suffix(1);
    events.number(text);
    return true;
  }
  const std::size_t mark = at;
  const char letter = static_cast<char>(text[mark] | 0x20);
  if (letter != 'd' && letter != 'e') return false;
  ++at;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  if (skip_digits() == 0 || at != text.size()) return false;
  std::string exact(text);
  exact[mark] = 'e';
  if (letter == 'd') {
    events.number(exact);
    return true;
  }
  double rounded = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rounded);
  number_.clear();
  if (error == std::errc()) append_decimal(&number_, rounded);
  events.number(number_.empty() ? exact : number_);
  return true;
}

// At the two braces.
bool IonTextParser::lob(IonEvents& events) {
  at_ += 2;
  while (!at_end() && is_blank(*at_)) ++at_;
  if (at_end()) return missing();
  if (*at_ != '"' && *at_ != '\'') return blob(events);
  bool is_known = true;
  const bool is_long = stands("'''", &is_known);
  if (!is_known) return missing();
  if (*at_ == '\'' && !is_long) return broken();
  std::string_view text;
  if (!take_string(&text)) return false;
  while (!at_end() && is_blank(*at_)) ++at_;
  if (left() < 2) return missing();
  if (!stands("}}")) return broken();
  at_ += 2;
  events.other("clob");
  return true;
}

bool IonTextParser::blob(IonEvents& events) {
  const void* const brace = std::memchr(at_, '}', left());
  if (brace == nullptr) return missing();
  std::string_view encoded(at_, static_cast<std::size_t>(static_cast<const char*>(brace) - at_));
  at_ += encoded.size();
  if (left() < 2) return missing();
  if (!stands("}}")) return broken();
  at_ += 2;
  if (std::ranges::any_of(encoded, is_blank)) {
    scratch_.assign(encoded);
    std::erase_if(scratch_, is_blank);
    encoded = scratch_;
  }
  const auto bytes = base64_decode(encoded);
  if (!bytes) return broken();
  events.binary(*bytes);
  return true;
}

// What stands between commas, up to `close`; what opens it was taken.
template <class Member>
bool IonTextParser::members(char close, IonEvents& events, Member member) {
  while (true) {
    if (!skip_blanks()) return false;
    if (at_end()) return missing();
    if (*at_ != close) {
      if (!member() || !skip_blanks()) return false;
      if (at_end()) return missing();
      if (*at_ == ',') {
        ++at_;
        continue;
      }
      if (*at_ != close) return broken();
    }
    ++at_;
    events.end();
    return true;
  }
}

bool IonTextParser::list(const std::string& annotation, int level, IonEvents& events) {
  ++at_;
  events.begin_list(annotation);
  return members(']', events, [&] { return value(level + 1, events); });
}

// Told as a list, which nobody takes.
bool IonTextParser::expression(int level, IonEvents& events) {
  ++at_;
  events.other("s-expression");
  events.begin_list({});
  while (true) {
    if (!skip_blanks()) return false;
    if (at_end()) return missing();
    if (*at_ == ')') break;
    if (is_operator(*at_)) {
      ++at_;
    } else if (!value(level + 1, events)) {
      return false;
    }
  }
  ++at_;
  events.end();
  return true;
}

bool IonTextParser::field_name(IonEvents& events) {
  bool is_known = true;
  const bool is_long_string = stands("'''", &is_known);
  if (!is_known) return missing();
  Head name;
  if (*at_ == '"' || is_long_string) {
    if (!take_string(&name.symbol)) return false;
  } else if (is_letter(*at_) || *at_ == '\'') {
    if (!take_symbol(&name)) return false;
  } else {
    return broken();
  }
  if (name.has_text) {
    events.field(name.symbol);
  } else {
    events.unknown_field();
  }
  if (!skip_blanks()) return false;
  if (at_end()) return missing();
  if (*at_ != ':') return broken();
  ++at_;
  return true;
}

bool IonTextParser::structure(int level, IonEvents& events) {
  ++at_;
  events.begin_struct();
  return members('}', events, [&] { return field_name(events) && value(level + 1, events); });
}

// One value at the top. `*step` stays kEnd when it was none for the reader: a marker, a symbol table, the
// beginning of a list.
bool IonTextParser::top_value(IonEvents& events, Step* step) {
  Head head;
  if (!take_head(&head)) return false;
  const bool is_bare = head.is_symbol && !head.is_quoted && !head.has_annotation;
  if (is_bare && head.symbol.starts_with("$ion_") && !is_in_list_) {
    if (head.symbol != kIonVersionMarker) return broken();
    symbols_.reset();
    return true;
  }
  if (!head.is_symbol && *at_ == '[' && !is_in_list_) {
    ++at_;
    is_in_list_ = true;
    needs_comma_ = false;
    return true;
  }
  if (!head.is_symbol && *at_ == '{' && left() < 2) return missing();
  const bool is_struct = !head.is_symbol && *at_ == '{' && at_[1] != '{';
  if (is_struct && !is_in_list_ && head.annotation == kIonSymbolTable) {
    table_.clear();
    if (!structure(1, table_)) return false;
    return table_.apply(&symbols_) || broken();
  }
  if (!value_behind(head, 1, events)) return false;
  *step = is_struct ? Step::kStruct : Step::kOther;
  needs_comma_ = true;
  return true;
}

IonParser::Step IonTextParser::next(std::string_view bytes, bool is_last, IonEvents& events,
                                    std::size_t* taken) {
  begin_ = at_ = bytes.data();
  end_ = begin_ + bytes.size();
  is_last_ = is_last;
  Step step = Step::kEnd;
  const auto fault = [this] { return needs_more_ ? Step::kMore : Step::kBroken; };
  while (true) {
    *taken = static_cast<std::size_t>(at_ - begin_);
    if (step != Step::kEnd) return step;
    if (!skip_blanks()) return fault();
    *taken = static_cast<std::size_t>(at_ - begin_);
    if (at_end()) return is_in_list_ && is_last ? Step::kMore : Step::kEnd;
    if (is_in_list_ && *at_ == ']') {
      is_in_list_ = false;
      ++at_;
      continue;
    }
    if (is_in_list_ && needs_comma_) {
      if (*at_ != ',') return Step::kBroken;
      needs_comma_ = false;
      ++at_;
      continue;
    }
    if (!top_value(events, &step)) return fault();
  }
}

}  // namespace

std::unique_ptr<IonParser> ion_text_parser() { return std::make_unique<IonTextParser>(); }

}  // namespace tidemark::transfer::format

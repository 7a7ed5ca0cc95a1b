#include "base/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace tidemark {
namespace {

// The letter behind the backslash; 'u' for \u00XX; 0 when the byte stays as it is.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  for (std::size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}
constexpr auto kEscapes = make_escapes();

template <class T>
void append_number(std::string* out, T value) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out->append(digits, end);
}

// True when one of the eight bytes of `word` needs an escape; may also be true when none does.
bool may_need_escape(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  // (x - n) & ~x has a byte's high bit when that byte is below n; a borrow can only add bits.
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t backslash = word ^ (kOnes * '\\');
  const std::uint64_t found =
      ((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash);
  return (found & kHighBits) != 0;
}

template <class Word>
Word read(const char* bytes) {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

bool may_need_escape(const char* bytes) { return may_need_escape(read<std::uint64_t>(bytes)); }

using Bytes = std::uint8_t __attribute__((vector_size(16)));

// Not zero where a byte needs an escape.
auto escapes_in(const char* at) {
  Bytes bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return (bytes < 0x20) | (bytes == std::uint8_t{'"'}) | (bytes == std::uint8_t{'\\'});
}

// Sixteen bytes at a time, which is a quarter of the work of eight in a word. Needs that many.
bool needs_escape_in_long(std::string_view text) {
  constexpr std::size_t kStep = sizeof(Bytes);
  auto found = escapes_in(text.data() + text.size() - kStep);
  for (std::size_t i = 0; i + kStep < text.size(); i += kStep) found |= escapes_in(text.data() + i);
  std::array<std::uint64_t, 2> halves{};
  static_assert(sizeof halves == sizeof found);
  std::memcpy(halves.data(), &found, sizeof found);
  return (halves[0] | halves[1]) != 0;
}

}  // namespace

bool needs_json_escape(std::string_view text) {
  const char* const bytes = text.data();
  const std::size_t size = text.size();
  if (size >= sizeof(Bytes)) return needs_escape_in_long(text);
  const auto needs_one = [](char byte) { return kEscapes[static_cast<unsigned char>(byte)] != 0; };
  bool may_need = true;
  if (size >= 8) {
    may_need = may_need_escape(bytes) || may_need_escape(bytes + size - 8);
  } else if (size >= 4) {
    const std::uint64_t first = read<std::uint32_t>(bytes);
    may_need = may_need_escape(first | std::uint64_t{read<std::uint32_t>(bytes + size - 4)} << 32);
  }
  return may_need && std::any_of(bytes, bytes + size, needs_one);
}

void append_json_string(std::string* out, std::string_view text) {
  out->push_back('"');
  if (!needs_json_escape(text)) [[likely]] {
    out->append(text);
    out->push_back('"');
    return;
  }
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 <= text.size() && !may_need_escape(text.data() + i)) i += 8;
    if (i == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[byte];
    if (escape == 0) [[likely]] {
      continue;
    }
    out->append(text, copied, i - copied);
    copied = i + 1;
    out->push_back('\\');
    out->push_back(escape);
    if (escape == 'u') {
      out->append("00");
      out->push_back(static_cast<char>('0' + (byte >> 4)));
      out->push_back("0123456789abcdef"[byte & 0x0f]);
    }
  }
  out->append(text, copied);
  out->push_back('"');
}

void append_epoch_seconds(std::string* out, Timestamp time) {
  std::int64_t millis = time.millis();
  if (millis < 0) {
    out->push_back('-');
    millis = -millis;
  }
  append_number(out, millis / 1'000);
  const auto fraction = static_cast<int>(millis % 1'000);
  if (fraction == 0) return;
  const char digits[] = {'.', static_cast<char>('0' + fraction / 100),
                         static_cast<char>('0' + fraction / 10 % 10), static_cast<char>('0' + fraction % 10)};
  std::string_view text(digits, sizeof(digits));
  while (text.back() == '0') text.remove_suffix(1);
  out->append(text);
}

void JsonWriter::separate() {
  if (comma_needed_) out_->push_back(',');
  comma_needed_ = true;
}

void JsonWriter::begin_object() {
  separate();
  out_->push_back('{');
  comma_needed_ = false;
}

void JsonWriter::end_object() {
  out_->push_back('}');
  comma_needed_ = true;
}

void JsonWriter::begin_array() {
  separate();
  out_->push_back('[');
  comma_needed_ = false;
}

void JsonWriter::end_array() {
  out_->push_back(']');
  comma_needed_ = true;
}

void JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_->push_back(':');
  comma_needed_ = false;
}

void JsonWriter::string(std::string_view value) {
  separate();
  append_json_string(out_, value);
}

void JsonWriter::number(std::int64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::decimal(double value) {
  if (!std::isfinite(value)) return null();  // JSON has no such number
  separate();
  const std::size_t start = out_->size();
  append_number(out_, value);
  if (out_->find_first_of(".e", start) == std::string::npos) out_->append(".0");
}

void JsonWriter::boolean(bool value) {
  separate();
  out_->append(value ? "true" : "false");
}

void JsonWriter::null() {
  separate();
  out_->append("null");
}

void JsonWriter::time(Timestamp value) {
  separate();
  append_epoch_seconds(out_, value);
}

void JsonWriter::raw(std::string_view json) {
  separate();
  out_->append(json);
}

}  // namespace tidemark

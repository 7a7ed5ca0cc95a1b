#include "s3emu/rest/objects/header_words.h"

#include <algorithm>

#include "base/utf8.h"

namespace tidemark::s3emu {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

std::string utf8_of_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_ascii(c)) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xc0 | (byte >> 6)));
      out.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
    }
  }
  return out;
}

// Whether it stands for itself in an encoded word. A question mark could end the word.
bool is_literal(char c) { return c > ' ' && c < '\x7f' && c != '=' && c != '?' && c != '_'; }

}  // namespace

std::string header_words(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  if (std::all_of(text.begin(), text.end(), is_ascii)) return std::string(text);
  std::string word = "=?UTF-8?Q?";
  for (const char c : is_utf8(text) ? std::string(text) : utf8_of_latin1(text)) {
    if (is_literal(c)) {
      word.push_back(c);
    } else if (c == ' ') {
      word.push_back('_');
    } else {
      const auto byte = static_cast<unsigned char>(c);
      word.append({'=', kDigits[byte >> 4], kDigits[byte & 0x0f]});
    }
  }
  return word.append("?=");
}

}  // namespace tidemark::s3emu

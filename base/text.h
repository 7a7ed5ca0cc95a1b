// Plain text, without regard to locales.
#pragma once

#include <string>
#include <string_view>

namespace tidemark {

// A-Z become a-z; every other byte stays.
std::string lower_case(std::string_view text);

// Without the `blanks` around it. Blanks and tabs are what HTTP calls optional white space (RFC 9110, section
// 5.6.3).
std::string_view trimmed(std::string_view text, std::string_view blanks = " \t");

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// An empty text consists of digits, too.
constexpr bool all_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return true;
}

}  // namespace tidemark

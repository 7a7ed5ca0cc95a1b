// Plain text, without regard to locales.
#pragma once

#include <string>
#include <string_view>

namespace tidemark {

// A-Z become a-z; every other byte stays.
std::string lower_case(std::string_view text);

// Without the blanks and tabs around it, which HTTP calls optional white space (RFC 9110, section 5.6.3).
std::string_view trimmed(std::string_view text);

}  // namespace tidemark

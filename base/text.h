// Plain text, without regard to locales.
#pragma once

#include <string>
#include <string_view>

namespace tidemark {

// A-Z become a-z; every other byte stays.
std::string lower_case(std::string_view text);

}  // namespace tidemark

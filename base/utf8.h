// UTF-8, byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidemark {

// Length of the UTF-8 sequence at the front of `text`; 0 if there is none. Overlong forms, surrogates and
// code points above U+10FFFF are none.
std::size_t utf8_length(std::string_view text);
// Whether all of `text` is such sequences.
bool is_utf8(std::string_view text);
// Length of a well-formed text as Java counts it: in UTF-16 code units.
std::int64_t utf16_length(std::string_view text);

}  // namespace tidemark

// The names that clients give to the rules of their documents.
#pragma once

#include <cstddef>

namespace tidemark::s3emu {

inline constexpr std::size_t kRuleIdSizeMax = 255;
inline constexpr const char* kRuleIdTooLong = "ID length should not exceed allowed limit of 255";

}  // namespace tidemark::s3emu

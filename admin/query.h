// The query of a request to `/_tidemark/…`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tidemark::admin {

inline constexpr std::size_t kPageMax = 1'000;

// Names and values, decoded, in the order in which they came. Errors: a sentence for the client.
Result<std::vector<std::pair<std::string, std::string>>, std::string> parse_query(std::string_view text);

// Twelve digits. Errors: a sentence for the client.
Result<std::string, std::string> parse_account(const std::string& value);

// 1 to kPageMax. Errors: a sentence for the client.
Result<std::size_t, std::string> parse_limit(std::string_view value);

}  // namespace tidemark::admin

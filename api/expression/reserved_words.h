// Words that may not stand as bare attribute names in expressions.
// Source: DynamoDB developer guide, "Reserved words in DynamoDB".
#pragma once

#include <string_view>

namespace tidemark::api::expression {

inline constexpr int kReservedWordCount = 573;

// In any mix of cases.
bool is_reserved_word(std::string_view word);

}  // namespace tidemark::api::expression

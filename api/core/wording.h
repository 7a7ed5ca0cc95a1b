// The texts of messages that the service words in more than one way, depending on how far its validation has
// moved to the wording of 2026. This server speaks the classic wording; the few messages that had already
// changed everywhere are marked modern. Messages that never differ stand where they are sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::api::wording {

// Constraints, the right-hand side of a violation.
inline constexpr std::string_view kNamePattern =
    "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";
inline constexpr std::string_view kTokenPattern = "Member must satisfy regular expression pattern: ^[^\\$]+$";
std::string length_at_least(std::int64_t bound);
std::string length_at_most(std::int64_t bound);
std::string value_at_least(std::int64_t bound);
std::string value_at_most(std::int64_t bound);
std::string enum_value_set(const std::vector<std::string_view>& values);
std::string map_value_length(std::int64_t shortest, std::int64_t longest);

// `Value '<echo>' at '<place>' failed to satisfy constraint: <constraint>`
std::string violation(std::string_view echo, std::string_view place, std::string_view constraint);
// `Value null at '<place>' failed to satisfy constraint: Member must not be null`
std::string null_violation(std::string_view place);
// `Value at '<Place>' failed to satisfy constraint: <constraint>`: 2026, but what everybody gets already
std::string modern_violation(std::string_view place, std::string_view constraint);

// `2 validation errors detected: <a>; <b>`; of more than ten the first ten.
std::string violations_detected(const std::vector<std::string>& violations);

// `The parameter 'TableName' is required but was not present in the request`
std::string missing_parameter(std::string_view member);

// `One or more parameter values were invalid: <text>`
std::string invalid_parameter(std::string_view text);

}  // namespace tidemark::api::wording

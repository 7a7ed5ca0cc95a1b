// The envelope in which the service reports broken constraints of a request's members:
// `2 validation errors detected: Value 'X' at 'select' failed to satisfy constraint: ...; Value null at ...`
// Below it, what is wrong with parameters of a request whatever the table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::model::words {

// Constraints, the right-hand side of a violation.
inline constexpr std::string_view kNamePattern =
    "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";
inline constexpr std::string_view kTokenPattern = "Member must satisfy regular expression pattern: ^[^\\$]+$";
inline constexpr std::string_view kTableNameKeys =
    "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have "
    "length greater than or equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]";
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
// The newer layer's forms: `Value at '<Place>' failed to satisfy constraint: <constraint>`,
// `Failed to satisfy constraint: <constraint>`
std::string violation_without_echo(std::string_view place, std::string_view constraint);
std::string violation_without_place(std::string_view constraint);

inline constexpr std::size_t kViolationsMax = 10;
// `2 validation errors detected: <a>; <b>`; of more than kViolationsMax the first ones.
std::string violations_detected(const std::vector<std::string>& violations);
// `1 validation error detected: <message>`: the newer layer puts messages of every kind into the envelope.
std::string in_envelope(std::string_view message);

// `The parameter 'TableName' is required but was not present in the request`
std::string missing_parameter(std::string_view member);

// `One or more parameter values were invalid: <text>`
std::string invalid_parameter(std::string_view text);

// `Invalid Request: Provided nextToken is invalid: <token>`
std::string invalid_next_token(std::string_view token);

// `Can not use both expression and non-expression parameters in the same request: Non-expression parameters:
// {AttributesToGet} Expression parameters: {ProjectionExpression}`
std::string two_parameter_styles(std::string_view older, std::string_view expressions);

// What a job writes to a bucket is encrypted with a key, but not by KMS.
inline constexpr const char* kKeyWithoutKms =
    "Invalid Request: KMS Key Id is not supported for this encryption type";

}  // namespace tidemark::model::words

#include "model/words/constraints.h"

#include <algorithm>

namespace tidemark::model::words {
namespace {

std::string bounded(std::string_view text, std::int64_t bound) {
  return std::string(text) + std::to_string(bound);
}

}  // namespace

std::string length_at_least(std::int64_t bound) {
  return bounded("Member must have length greater than or equal to ", bound);
}

std::string length_at_most(std::int64_t bound) {
  return bounded("Member must have length less than or equal to ", bound);
}

std::string value_at_least(std::int64_t bound) {
  return bounded("Member must have value greater than or equal to ", bound);
}

std::string value_at_most(std::int64_t bound) {
  return bounded("Member must have value less than or equal to ", bound);
}

std::string enum_value_set(const std::vector<std::string_view>& values) {
  std::string text = "Member must satisfy enum value set: [";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) text.append(", ");
    text.append(values[i]);
  }
  text.push_back(']');
  return text;
}

std::string map_value_length(std::int64_t shortest, std::int64_t longest) {
  return "Map value must satisfy constraint: [" + length_at_most(longest) + ", " + length_at_least(shortest) +
         "]";
}

std::string violation(std::string_view echo, std::string_view place, std::string_view constraint) {
  std::string text = "Value '";
  text.append(echo).append("' at '").append(place).append("' failed to satisfy constraint: ");
  return text.append(constraint);
}

std::string null_violation(std::string_view place) {
  std::string text = "Value null at '";
  return text.append(place).append("' failed to satisfy constraint: Member must not be null");
}

std::string violation_without_echo(std::string_view place, std::string_view constraint) {
  std::string text = "Value at '";
  text.append(place).append("' failed to satisfy constraint: ");
  return text.append(constraint);
}

std::string violation_without_place(std::string_view constraint) {
  return std::string("Failed to satisfy constraint: ").append(constraint);
}

std::string violations_detected(const std::vector<std::string>& violations) {
  const std::size_t count = std::min(violations.size(), kViolationsMax);
  std::string text = std::to_string(count);
  text.append(count == 1 ? " validation error detected: " : " validation errors detected: ");
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) text.append("; ");
    text.append(violations[i]);
  }
  return text;
}

std::string in_envelope(std::string_view message) {
  return std::string("1 validation error detected: ").append(message);
}

std::string missing_parameter(std::string_view member) {
  std::string text = "The parameter '";
  return text.append(member).append("' is required but was not present in the request");
}

std::string invalid_parameter(std::string_view text) {
  return std::string("One or more parameter values were invalid: ").append(text);
}

std::string invalid_next_token(std::string_view token) {
  return std::string("Invalid Request: Provided nextToken is invalid: ").append(token);
}

std::string two_parameter_styles(std::string_view older, std::string_view expressions) {
  std::string text =
      "Can not use both expression and non-expression parameters in the same request: Non-expression "
      "parameters: {";
  return text.append(older).append("} Expression parameters: {").append(expressions).append("}");
}

}  // namespace tidemark::model::words

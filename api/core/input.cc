#include "api/core/input.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "model/value_types.h"

namespace tidemark::api {

std::int64_t integer_of(json::Value value) {
  if (value.type() == json::Type::kInteger) return value.integer();
  constexpr double kMax = 9.2e18;  // inside int64
  return static_cast<std::int64_t>(std::fmax(-kMax, std::fmin(kMax, std::floor(value.decimal()))));
}

std::optional<std::string_view> Input::string(std::string_view member) const {
  const auto value = object_.find(member);
  if (!value) return std::nullopt;
  return value->string();
}

std::string Input::required_string(std::string_view member) const {
  const auto text = string(member);
  INVARIANT(text.has_value());
  return std::string(*text);
}

std::optional<std::int64_t> Input::integer(std::string_view member) const {
  const auto value = object_.find(member);
  if (!value) return std::nullopt;
  return integer_of(*value);
}

std::optional<bool> Input::boolean(std::string_view member) const {
  const auto value = object_.find(member);
  if (!value) return std::nullopt;
  return model::boolean_from_json(*value);
}

std::optional<Timestamp> Input::timestamp(std::string_view member) const {
  const auto value = object_.find(member);
  if (!value) return std::nullopt;
  if (value->type() == json::Type::kInteger) {
    constexpr std::int64_t kSecondsMax = 9'000'000'000'000;  // inside int64 when counted in microseconds
    const std::int64_t seconds = value->integer();
    return Timestamp::from_seconds(std::min(kSecondsMax, std::max(-kSecondsMax, seconds)));
  }
  constexpr double kMicrosMax = 9e18;
  const double micros = std::round(value->decimal() * 1e6);
  return Timestamp{static_cast<std::int64_t>(std::fmax(-kMicrosMax, std::fmin(kMicrosMax, micros)))};
}

std::optional<Input> Input::structure(std::string_view member) const {
  const auto value = object_.find(member);
  if (!value) return std::nullopt;
  return inside(*value);
}

std::optional<json::Value> Input::object(std::string_view member) const { return object_.find(member); }
std::optional<json::Value> Input::list(std::string_view member) const { return object_.find(member); }

}  // namespace tidemark::api

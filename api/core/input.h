// Typed access to a request body whose types have been checked against its shape.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/core/layer.h"
#include "base/clock.h"
#include "base/json.h"

namespace tidemark::api {

// A structure inside the body: a cheap handle. Views and values taken from it live until the answer has been
// rendered. Absent members and JSON null read as nothing.
class Input {
 public:
  // `object` must be a JSON object. `layer` is who reads it.
  explicit Input(json::Value object, Layer layer = Layer::kOlder) : object_(object), layer_(layer) {}
  // Another object of the same request.
  [[nodiscard]] Input inside(json::Value object) const { return Input(object, layer_); }

  [[nodiscard]] bool has(std::string_view member) const { return object_.find(member).has_value(); }
  [[nodiscard]] std::optional<std::string_view> string(std::string_view member) const;
  // For required members, whose presence the constraint check has established.
  [[nodiscard]] std::string required_string(std::string_view member) const;
  // Fractions are floored, as the service does.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view member) const;
  // Also the strings that the service takes for booleans.
  [[nodiscard]] std::optional<bool> boolean(std::string_view member) const;
  [[nodiscard]] std::optional<Timestamp> timestamp(std::string_view member) const;
  [[nodiscard]] std::optional<Input> structure(std::string_view member) const;
  // A map (for json::Value::members) or an attribute value.
  [[nodiscard]] std::optional<json::Value> object(std::string_view member) const;
  [[nodiscard]] std::optional<json::Value> list(std::string_view member) const;

  [[nodiscard]] json::Value value() const { return object_; }
  [[nodiscard]] Layer layer() const { return layer_; }
  // How the request's values are worded.
  [[nodiscard]] model::Wording wording() const { return wording_of(layer_); }

 private:
  json::Value object_;
  Layer layer_;
};

// A JSON number, floored.
std::int64_t integer_of(json::Value value);

}  // namespace tidemark::api

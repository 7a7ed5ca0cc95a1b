// Short ways to write items, values and expressions in the tests of this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/expression/resolve.h"
#include "base/json.h"
#include "model/item.h"
#include "tests/support/catch.h"

namespace tidemark::api::expression {

// {"a":{"N":"1"}} as attributes.
inline model::AttributeMap item_of(std::string_view json_text) {
  json::Document document;
  const auto parsed = document.parse(json_text);
  REQUIRE(parsed.has_value());
  auto map = model::map_from_json(*parsed);
  REQUIRE(map.has_value());
  return *map;
}

inline std::string text_of(const model::AttributeMap& attributes) {
  std::string text;
  model::append_attributes(&text, attributes);
  return text;
}

// Names and values as the JSON of a request; empty text: the parameter is absent.
inline ApiResult<Substitutions> parse_substitutions(std::string_view names, std::string_view values) {
  json::Document names_document;
  json::Document values_document;
  std::optional<json::Value> names_value;
  std::optional<json::Value> values_value;
  if (!names.empty()) names_value = *names_document.parse(names);
  if (!values.empty()) values_value = *values_document.parse(values);
  return Substitutions::parse(names_value, values_value, model::Wording::kClassic);
}

inline Substitutions substitutions_of(std::string_view names, std::string_view values) {
  auto parsed = parse_substitutions(names, values);
  REQUIRE(parsed.has_value());
  return *parsed;
}

// Names and values that most tests get by with.
inline Substitutions common_substitutions() {
  return substitutions_of(R"({"#a":"a","#b":"b","#d":"[3]","#dot":"x.y"})",
                          R"({":s":{"S":"a"},":t":{"S":"b"},":n":{"N":"1"},":m":{"N":"2"},":b":{"B":"YQ=="},
                              ":bool":{"BOOL":true},":null":{"NULL":true},":l":{"L":[{"N":"1"}]},
                              ":map":{"M":{}},":ss":{"SS":["a","b"]},":ns":{"NS":["1"]},":bs":{"BS":["YQ=="]}})");
}

// The message of what failed; `ok` if it did not, and the type if that is not ValidationException.
template <class T>
std::string outcome(const ApiResult<T>& result) {
  if (result.has_value()) return "ok";
  if (result.error().type != ErrorType::kValidation) {
    return std::string(short_name(result.error().type)) + ": " + result.error().message;
  }
  return result.error().message;
}

}  // namespace tidemark::api::expression

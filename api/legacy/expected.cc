#include "api/legacy/expected.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/legacy/comparison.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

// Which of the members may stand together, in the service's order.
ApiResult<void> check_members(const Input& expected, std::string_view attribute) {
  const auto refuse = [&](const std::string& text) {
    return fail(validation(words::invalid_parameter(text + " for Attribute: " + std::string(attribute))));
  };
  const bool has_value = expected.has("Value");
  const bool has_list = expected.has("AttributeValueList");
  const auto exists = expected.boolean("Exists");
  const auto op = expected.string("ComparisonOperator");
  if (has_value && has_list) return refuse("Value and AttributeValueList cannot be used together");
  if (exists && op) return refuse("Exists and ComparisonOperator cannot be used together");
  if (op && op != "NULL" && op != "NOT_NULL" && !has_value && !has_list) {
    return refuse("Value or AttributeValueList must be used with ComparisonOperator: " + std::string(*op));
  }
  if (op) return {};
  if (has_list) return refuse("AttributeValueList can only be used with a ComparisonOperator");
  if (exists.value_or(true) && !has_value) {
    return refuse(std::string("Value must be provided when Exists is ") + (exists ? "true" : "null"));
  }
  if (!exists.value_or(true) && has_value) return refuse("Value cannot be used when Exists is false");
  return {};
}

// Without an operator: the attribute has the value, or is not there.
ApiResult<Comparison> plain_comparison(const Input& expected) {
  const auto value = expected.object("Value");
  if (!value) return Comparison{ComparisonOperator::kNull, {}};
  ASSIGN_OR_RETURN(auto wanted, legacy_value_of(*value, expected.wording()));
  return Comparison{ComparisonOperator::kEq, {std::move(wanted)}};
}

}  // namespace

ApiResult<std::optional<expression::Condition>> legacy_expected(const Input& input) {
  std::vector<expression::Condition> conditions;
  if (const auto expected = input.object("Expected")) {
    std::string_view name;
    json::Value element;
    for (auto members = expected->members(); members.next(&name, &element);) {
      const Input one = input.inside(element);
      ASSIGN_OR_RETURN(auto path, legacy_path_of(name, input.wording()));
      RETURN_IF_ERROR(check_members(one, name));
      ASSIGN_OR_RETURN(auto comparison, comparison_of(one));
      if (!comparison) {
        ASSIGN_OR_RETURN(comparison, plain_comparison(one));
      }
      conditions.push_back(condition_of(std::move(path), *std::move(comparison)));
    }
  }
  return joined(input, std::move(conditions));
}

}  // namespace tidemark::api

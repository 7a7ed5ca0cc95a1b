#include "api/legacy/filter_conditions.h"

#include <string>
#include <utility>
#include <vector>

#include "api/legacy/comparison.h"
#include "base/check.h"

namespace tidemark::api {
namespace {

using expression::KeyOperator;

ApiResult<Comparison> required_comparison(const Input& input) {
  ASSIGN_OR_RETURN(auto comparison, comparison_of(input));
  INVARIANT(comparison.has_value());  // the shape demands the operator
  return *std::move(comparison);
}

}  // namespace

ApiResult<std::optional<expression::Condition>> legacy_filter(const Input& input,
                                                              std::string_view parameter) {
  std::vector<expression::Condition> conditions;
  if (const auto filter = input.object(parameter)) {
    std::string_view name;
    json::Value element;
    for (auto members = filter->members(); members.next(&name, &element);) {
      ASSIGN_OR_RETURN(auto path, legacy_path_of(name, input.wording()));
      ASSIGN_OR_RETURN(Comparison comparison, required_comparison(input.inside(element)));
      conditions.push_back(condition_of(std::move(path), std::move(comparison)));
    }
  }
  return joined(input, std::move(conditions));
}

ApiResult<expression::KeyConditions> legacy_key_conditions(const Input& input) {
  expression::KeyConditions keys;
  const auto given = input.object("KeyConditions");
  std::string_view name;
  json::Value element;
  for (auto members = given->members(); members.next(&name, &element);) {
    ASSIGN_OR_RETURN(const Comparison comparison, required_comparison(input.inside(element)));
    const KeyOperator op = key_operator_of(comparison.op);
    if (op == KeyOperator::kNone) {
      return fail(validation("Attempted conditional constraint is not an indexable operation"));
    }
    expression::KeyAttributeCondition condition{std::string(name), op, comparison.values.front(), nullptr};
    if (op == KeyOperator::kBetween) condition.high = comparison.values.back();
    keys.conditions.push_back(std::move(condition));
  }
  return keys;
}

}  // namespace tidemark::api

#include "api/legacy/comparison.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "model/item.h"
#include "model/item_size.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

using expression::Comparator;
using expression::Condition;
using expression::ConditionKind;
using expression::Function;
using expression::KeyOperator;
using expression::Operand;
using expression::ValuePointer;
using model::AttributeType;

using Types = bool (*)(AttributeType);

bool any_type(AttributeType) { return true; }
bool is_scalar(AttributeType type) {
  return type == AttributeType::kString || type == AttributeType::kNumber || type == AttributeType::kBinary;
}
bool is_text(AttributeType type) { return type == AttributeType::kString || type == AttributeType::kBinary; }

struct Traits {
  ComparisonOperator op;
  std::string_view name;
  std::size_t values_min;
  std::size_t values_max;
  Types allows;
  KeyOperator key_operator = KeyOperator::kNone;  // none: keys do not allow it
  Comparator comparator = Comparator::kEqual;     // of those that compare
};

constexpr std::size_t kUnbounded = SIZE_MAX;
// In the order of ComparisonOperator.
constexpr std::array<Traits, 13> kTraits = {{
    {ComparisonOperator::kEq, "EQ", 1, 1, any_type, KeyOperator::kEqual, Comparator::kEqual},
    {ComparisonOperator::kNe, "NE", 1, 1, any_type, KeyOperator::kNone, Comparator::kNotEqual},
    {ComparisonOperator::kLe, "LE", 1, 1, is_scalar, KeyOperator::kLessOrEqual, Comparator::kLessOrEqual},
    {ComparisonOperator::kLt, "LT", 1, 1, is_scalar, KeyOperator::kLess, Comparator::kLess},
    {ComparisonOperator::kGe, "GE", 1, 1, is_scalar, KeyOperator::kGreaterOrEqual,
     Comparator::kGreaterOrEqual},
    {ComparisonOperator::kGt, "GT", 1, 1, is_scalar, KeyOperator::kGreater, Comparator::kGreater},
    {ComparisonOperator::kBetween, "BETWEEN", 2, 2, is_scalar, KeyOperator::kBetween},
    {ComparisonOperator::kIn, "IN", 1, kUnbounded, is_scalar},
    {ComparisonOperator::kBeginsWith, "BEGINS_WITH", 1, 1, is_text, KeyOperator::kBeginsWith},
    {ComparisonOperator::kContains, "CONTAINS", 1, 1, is_scalar},
    {ComparisonOperator::kNotContains, "NOT_CONTAINS", 1, 1, is_scalar},
    {ComparisonOperator::kNull, "NULL", 0, 0, any_type},
    {ComparisonOperator::kNotNull, "NOT_NULL", 0, 0, any_type},
}};

const Traits& traits_of(ComparisonOperator op) { return kTraits[static_cast<std::size_t>(op)]; }

ApiError invalid(const std::string& text) { return validation(words::invalid_parameter(text)); }

bool is_reversed(const model::AttributeValue& lower, const model::AttributeValue& upper) {
  if (const auto* string = lower.string()) return *string > *upper.string();
  if (const auto* number = lower.number()) return *number > *upper.number();
  return *lower.binary() > *upper.binary();
}

ApiResult<void> check_values(const Comparison& comparison) {
  const Traits& traits = traits_of(comparison.op);
  const std::string name(traits.name);
  const auto& values = comparison.values;
  if (values.size() < traits.values_min || values.size() > traits.values_max) {
    return fail(invalid("Invalid number of argument(s) for the " + name + " ComparisonOperator"));
  }
  for (const ValuePointer& value : values) {
    if (traits.allows(value->type())) continue;
    return fail(invalid("ComparisonOperator " + name + " is not valid for " +
                        std::string(model::type_descriptor(value->type())) + " AttributeValue type"));
  }
  const auto has_other_type = [&](const ValuePointer& value) {
    return value->type() != values.front()->type();
  };
  if (std::any_of(values.begin(), values.end(), has_other_type)) {
    return fail(invalid("AttributeValues inside AttributeValueList must be of same type"));
  }
  if (comparison.op == ComparisonOperator::kBetween && is_reversed(*values[0], *values[1])) {
    return fail(
        validation("The BETWEEN condition was provided a range where the lower bound is greater than the "
                   "upper bound"));
  }
  return {};
}

}  // namespace

expression::KeyOperator key_operator_of(ComparisonOperator op) { return traits_of(op).key_operator; }

ApiResult<ValuePointer> legacy_value_of(json::Value value, model::Wording wording) {
  auto read = model::value_from_json(value);
  if (!read) return fail(value_error(read.error(), wording));
  return std::make_shared<const model::AttributeValue>(*std::move(read));
}

ApiResult<std::optional<Comparison>> comparison_of(const Input& input) {
  const auto name = input.string("ComparisonOperator");
  if (!name) return std::optional<Comparison>();
  const auto* const traits = std::ranges::find(kTraits, *name, &Traits::name);
  INVARIANT(traits != kTraits.end());  // the shape's constraints have seen to it
  Comparison comparison;
  comparison.op = traits->op;
  if (const auto value = input.object("Value")) {
    ASSIGN_OR_RETURN(comparison.values.emplace_back(), legacy_value_of(*value, input.wording()));
  }
  if (const auto list = input.list("AttributeValueList")) {
    json::Value element;
    for (json::ArrayCursor elements = list->elements(); elements.next(&element);) {
      ASSIGN_OR_RETURN(comparison.values.emplace_back(), legacy_value_of(element, input.wording()));
    }
  }
  RETURN_IF_ERROR(check_values(comparison));
  return std::optional(std::move(comparison));
}

ApiResult<expression::Path> legacy_path_of(std::string_view attribute, model::Wording wording) {
  if (attribute.empty()) {
    return fail(value_error({.defect = model::ValueDefect::kEmptyAttributeName}, wording));
  }
  if (attribute.size() > model::kAttributeNameBytesMax) {
    return fail(value_error({.defect = model::ValueDefect::kAttributeNameTooLong}, wording));
  }
  expression::Path path;
  path.steps.emplace_back(std::string(attribute));
  return path;
}

Condition condition_of(expression::Path attribute, Comparison comparison) {
  std::vector<Operand> operands;
  operands.push_back(Operand::of_path(std::move(attribute)));
  for (ValuePointer& value : comparison.values) operands.push_back(Operand::of_value(std::move(value)));
  Condition condition;
  switch (comparison.op) {
    case ComparisonOperator::kNull:
      return Condition::of_function(Function::kAttributeNotExists, std::move(operands));
    case ComparisonOperator::kNotNull:
      return Condition::of_function(Function::kAttributeExists, std::move(operands));
    case ComparisonOperator::kBeginsWith:
      return Condition::of_function(Function::kBeginsWith, std::move(operands));
    case ComparisonOperator::kContains:
      return Condition::of_function(Function::kContains, std::move(operands));
    case ComparisonOperator::kNotContains:
      return Condition::negation_of(Condition::of_function(Function::kContains, std::move(operands)));
    case ComparisonOperator::kBetween:
      condition.kind = ConditionKind::kBetween;
      break;
    case ComparisonOperator::kIn:
      condition.kind = ConditionKind::kIn;
      break;
    default:
      condition.kind = ConditionKind::kCompare;
      condition.comparator = traits_of(comparison.op).comparator;
      break;
  }
  condition.operands = std::move(operands);
  return condition;
}

ApiResult<std::optional<Condition>> joined(const Input& input, std::vector<Condition> conditions) {
  const auto conditional_operator = input.string("ConditionalOperator");
  if (conditional_operator && conditions.size() < 2) {
    return fail(
        validation("ConditionalOperator can only be used when Filter or Expected has two or more elements"));
  }
  if (conditions.empty()) return std::optional<Condition>();
  if (conditions.size() == 1) return std::optional(std::move(conditions.front()));
  Condition all;
  all.kind = conditional_operator == "OR" ? ConditionKind::kOr : ConditionKind::kAnd;
  all.children = std::move(conditions);
  return std::optional(std::move(all));
}

}  // namespace tidemark::api

#include "api/expression/key_condition.h"

#include <algorithm>
#include <array>

#include "api/expression/parser.h"
#include "model/item_size.h"
#include "model/words/constraints.h"
#include "model/words/items.h"

namespace tidemark::api::expression {
namespace {

using model::AttributeDefinition;
using model::AttributeValue;

ApiError invalid_operator(std::string_view name) {
  return validation("Invalid operator used in KeyConditionExpression: " + std::string(name));
}

ApiError invalid_condition(const std::string& reason) {
  return validation("Invalid condition in KeyConditionExpression: " + reason);
}

// Operators that no key condition may have, and those that want the attribute first.
ApiResult<void> check_operator(const Condition& condition) {
  switch (condition.kind) {
    case ConditionKind::kOr:
      return fail(invalid_operator("OR"));
    case ConditionKind::kNot:
      return fail(invalid_operator("NOT"));
    case ConditionKind::kIn:
      return fail(invalid_operator("IN"));
    case ConditionKind::kCompare:
      if (condition.comparator == Comparator::kNotEqual) return fail(invalid_operator("<>"));
      return {};
    case ConditionKind::kFunction:
      if (condition.function != Function::kBeginsWith) {
        return fail(invalid_operator(function_name(condition.function)));
      }
      break;
    default:
      break;
  }
  if (condition.operands[0].kind == OperandKind::kPath) return {};
  const std::string name = condition.kind == ConditionKind::kBetween ? "BETWEEN" : "begins_with";
  return fail(invalid_condition(name + " operator must have the key attribute as its first operand"));
}

// The place of the one operand that is an attribute.
ApiResult<std::size_t> attribute_position(const Condition& condition) {
  std::optional<std::size_t> position;
  for (std::size_t i = 0; i < condition.operands.size(); ++i) {
    const Operand& operand = condition.operands[i];
    if (operand.kind == OperandKind::kFunction) {
      return fail(validation("KeyConditionExpressions cannot contain nested operations"));
    }
    if (operand.kind != OperandKind::kPath) continue;
    if (position) {
      return fail(invalid_condition("Multiple attribute names used in one condition"));
    }
    if (operand.path.nested()) {
      return fail(invalid_expression(ExpressionKind::kKeyCondition,
                                     "KeyConditionExpressions cannot have conditions on nested attributes"));
    }
    position = i;
  }
  if (!position) return fail(invalid_condition("No key attribute specified"));
  return *position;
}

// With the attribute on the left.
KeyOperator key_operator(const Condition& condition, bool attribute_first) {
  if (condition.kind == ConditionKind::kBetween) return KeyOperator::kBetween;
  if (condition.kind == ConditionKind::kFunction) return KeyOperator::kBeginsWith;
  switch (condition.comparator) {
    case Comparator::kLess:
      return attribute_first ? KeyOperator::kLess : KeyOperator::kGreater;
    case Comparator::kLessOrEqual:
      return attribute_first ? KeyOperator::kLessOrEqual : KeyOperator::kGreaterOrEqual;
    case Comparator::kGreater:
      return attribute_first ? KeyOperator::kGreater : KeyOperator::kLess;
    case Comparator::kGreaterOrEqual:
      return attribute_first ? KeyOperator::kGreaterOrEqual : KeyOperator::kLessOrEqual;
    default:
      return KeyOperator::kEqual;
  }
}

ApiResult<void> add_conditions(const Condition& condition, KeyConditions* out) {
  if (condition.kind == ConditionKind::kAnd) {
    for (const Condition& child : condition.children) RETURN_IF_ERROR(add_conditions(child, out));
    return {};
  }
  RETURN_IF_ERROR(check_operator(condition));
  ASSIGN_OR_RETURN(const std::size_t position, attribute_position(condition));
  const std::string& attribute = condition.operands[position].path.top();
  if (std::ranges::find(out->conditions, attribute, &KeyAttributeCondition::attribute) !=
      out->conditions.end()) {
    return fail(invalid_expression(ExpressionKind::kKeyCondition,
                                   "KeyConditionExpressions must only contain one condition per key"));
  }
  KeyAttributeCondition added{attribute, key_operator(condition, position == 0), nullptr, nullptr};
  added.low = condition.operands[position == 0 ? 1 : 0].value;
  if (added.op == KeyOperator::kBetween) added.high = condition.operands[2].value;
  out->conditions.push_back(std::move(added));
  return {};
}

const KeyAttributeCondition* condition_on(const KeyConditions& conditions, std::string_view attribute) {
  const auto found = std::ranges::find(conditions.conditions, attribute, &KeyAttributeCondition::attribute);
  return found == conditions.conditions.end() ? nullptr : &*found;
}

ApiError missed_element(std::string_view attribute) {
  return validation("Query condition missed key schema element: " + std::string(attribute));
}

ApiError not_supported() { return validation("Query key condition not supported"); }

ApiResult<void> check_count(std::size_t count, const model::KeySchema& schema, model::Wording wording) {
  constexpr std::size_t kClassicMax = 2;
  const std::size_t attributes = schema.partition_keys.size() + schema.sort_keys.size();
  const bool is_classic = wording == model::Wording::kClassic;
  if (count == 0 || (is_classic && count > kClassicMax && attributes <= kClassicMax)) {
    return fail(validation("Conditions can be of length 1 or 2 only"));
  }
  if (count <= attributes) return {};
  if (attributes == 1 && count <= kClassicMax) return fail(not_supported());
  return fail(validation("The number of query conditions (" + std::to_string(count) +
                         ") exceeds the number of key attributes defined in the schema (" +
                         std::to_string(attributes) + ")"));
}

ApiResult<model::KeyPart> part_of(const ValuePointer& value, const AttributeDefinition& attribute,
                                  bool partition) {
  if (value->type() != model::attribute_type(attribute.type)) {
    return fail(validation(words::invalid_parameter(words::kConditionTypeMismatch)));
  }
  model::KeyPart part = model::key_part_of(*value);
  const auto refuse = [&](model::KeyDefect defect) {
    return fail(
        validation(words::key_parameter_message({defect, attribute.name, attribute.type, value->type()})));
  };
  if (part.sort_bytes.empty()) return refuse(model::KeyDefect::kEmpty);
  if (partition && part.sort_bytes.size() > model::kPartitionKeyBytesMax) {
    return refuse(model::KeyDefect::kPartitionTooLong);
  }
  if (!partition && part.sort_bytes.size() > model::kSortKeyBytesMax) {
    return refuse(model::KeyDefect::kSortTooLong);
  }
  return part;
}

ApiResult<void> bind_partition(const KeyConditions& conditions, const model::KeySchema& schema,
                               KeyCondition* out) {
  for (const AttributeDefinition& attribute : schema.partition_keys) {
    const KeyAttributeCondition* condition = condition_on(conditions, attribute.name);
    if (condition == nullptr) return fail(missed_element(attribute.name));
    ASSIGN_OR_RETURN(model::KeyPart part, part_of(condition->low, attribute, true));
    if (condition->op != KeyOperator::kEqual) return fail(not_supported());
    out->partition.push_back(std::move(part));
  }
  return {};
}

ApiError gap_before(const AttributeDefinition& earlier, const AttributeDefinition& later) {
  return validation("RANGE key attributes " + earlier.name +
                    " must have equality conditions specified in the query because a condition is present on "
                    "key attribute " +
                    later.name);
}

ApiResult<void> bind_sort(const KeyConditions& conditions, const model::KeySchema& schema,
                          KeyCondition* out) {
  // The first sort attribute that has no equality: no later one may have a condition.
  const AttributeDefinition* open = nullptr;
  for (const AttributeDefinition& attribute : schema.sort_keys) {
    const KeyAttributeCondition* condition = condition_on(conditions, attribute.name);
    if (condition != nullptr && open != nullptr) return fail(gap_before(*open, attribute));
    if (condition == nullptr || condition->op != KeyOperator::kEqual) {
      if (open == nullptr) open = &attribute;
    }
    if (condition == nullptr) continue;
    if (out->op == KeyOperator::kEqual) out->equal_prefix.push_back(std::move(out->low));
    out->op = condition->op;
    ASSIGN_OR_RETURN(out->low, part_of(condition->low, attribute, false));
    if (condition->op == KeyOperator::kBetween) {
      ASSIGN_OR_RETURN(out->high, part_of(condition->high, attribute, false));
    }
  }
  return {};
}

}  // namespace

ApiResult<KeyConditions> compile_key_condition(std::string_view text, Substitutions& substitutions) {
  ASSIGN_OR_RETURN(const Condition condition,
                   compile_condition(ExpressionKind::kKeyCondition, text, substitutions));
  return key_conditions_of(condition);
}

ApiResult<KeyConditions> key_conditions_of(const Condition& condition) {
  KeyConditions conditions;
  RETURN_IF_ERROR(add_conditions(condition, &conditions));
  return conditions;
}

ApiResult<KeyCondition> bind(const KeyConditions& conditions, const model::KeySchema& schema,
                             model::Wording wording) {
  RETURN_IF_ERROR(check_count(conditions.conditions.size(), schema, wording));
  KeyCondition bound;
  RETURN_IF_ERROR(bind_partition(conditions, schema, &bound));
  for (const AttributeDefinition& attribute : schema.sort_keys) {
    const bool foreign = std::ranges::any_of(
        conditions.conditions, [&](const auto& condition) { return !schema.contains(condition.attribute); });
    if (foreign && condition_on(conditions, attribute.name) == nullptr) {
      return fail(missed_element(attribute.name));
    }
  }
  RETURN_IF_ERROR(bind_sort(conditions, schema, &bound));
  return bound;
}

}  // namespace tidemark::api::expression

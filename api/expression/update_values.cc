#include "api/expression/update_values.h"

#include <algorithm>
#include <iterator>

#include "api/expression/evaluate.h"
#include "base/check.h"
#include "model/item_size.h"
#include "model/value_error.h"
#include "model/words/items.h"

namespace tidemark::api::expression {
namespace {

using model::AttributeMap;
using model::AttributeValue;
using model::Number;

ApiError wrong_type(bool legacy) {
  return validation(legacy ? "Type mismatch for attribute to update"
                           : "An operand in the update expression has an incorrect data type");
}

// The result of arithmetic. Both wordings have the same words for it, and a sum that only needs more than 38
// digits, such as 1e50 - 1, is an overflow as well: of digits the service speaks only where a number is
// written.
ApiError number_error(model::NumberDefect defect) {
  const auto told = defect == model::NumberDefect::kUnderflow ? model::ValueDefect::kNumberUnderflow
                                                              : model::ValueDefect::kNumberOverflow;
  return value_error({told}, model::Wording::kClassic);
}

ApiResult<void> check_fits(std::uint64_t size_bytes) {
  if (size_bytes <= model::kItemSizeBytesMax) return {};
  return fail(validation(std::string(words::kItemToUpdateTooLarge)));
}

// Values are passed on without copies until one is needed.
using Evaluated = ApiResult<ValuePointer>;

ValuePointer make_value(AttributeValue value) {
  return std::make_shared<const AttributeValue>(std::move(value));
}

Evaluated evaluate(const Operand& operand, const AttributeMap& old_item);

// Not owned: the old item outlives the evaluation.
ValuePointer borrow(const AttributeValue* value) { return {ValuePointer(), value}; }

Evaluated evaluate_path(const Path& path, const AttributeMap& old_item) {
  const AttributeValue* value = find(path, old_item);
  if (value != nullptr) return borrow(value);
  return fail(validation("The provided expression refers to an attribute that does not exist in the item"));
}

Evaluated evaluate_list_append(const Operand& operand, const AttributeMap& old_item) {
  ASSIGN_OR_RETURN(const ValuePointer first, evaluate(operand.arguments[0], old_item));
  ASSIGN_OR_RETURN(const ValuePointer second, evaluate(operand.arguments[1], old_item));
  if (first->list() == nullptr || second->list() == nullptr) return fail(wrong_type(false));
  RETURN_IF_ERROR(
      check_fits(std::uint64_t{model::value_size_bytes(*first)} + model::value_size_bytes(*second)));
  model::List joined = *first->list();
  joined.insert(joined.end(), second->list()->begin(), second->list()->end());
  return make_value({std::move(joined)});
}

Evaluated evaluate_arithmetic(const Operand& operand, const AttributeMap& old_item) {
  ASSIGN_OR_RETURN(const ValuePointer left, evaluate(operand.arguments[0], old_item));
  ASSIGN_OR_RETURN(const ValuePointer right, evaluate(operand.arguments[1], old_item));
  if (left->number() == nullptr || right->number() == nullptr) return fail(wrong_type(false));
  const auto result = operand.kind == OperandKind::kPlus ? left->number()->plus(*right->number())
                                                         : left->number()->minus(*right->number());
  if (!result) return fail(number_error(result.error()));
  return make_value({*result});
}

Evaluated evaluate(const Operand& operand, const AttributeMap& old_item) {
  switch (operand.kind) {
    case OperandKind::kValue:
      return operand.value;
    case OperandKind::kPath:
      return evaluate_path(operand.path, old_item);
    case OperandKind::kPlus:
    case OperandKind::kMinus:
      return evaluate_arithmetic(operand, old_item);
    case OperandKind::kFunction:
      break;
  }
  if (operand.function == Function::kListAppend) return evaluate_list_append(operand, old_item);
  INVARIANT(operand.function == Function::kIfNotExists);
  // Both operands are evaluated: one that is wrong is reported even if it is not needed.
  ASSIGN_OR_RETURN(ValuePointer fallback, evaluate(operand.arguments[1], old_item));
  const AttributeValue* existing = find(operand.arguments[0].path, old_item);
  return existing != nullptr ? borrow(existing) : fallback;
}

template <class Set>
const Set* get(const AttributeValue& value) {
  return std::get_if<Set>(&value.data);
}

// The union of two sets of one type; nothing for other types.
template <class Set>
std::optional<AttributeValue> united(const AttributeValue& one, const AttributeValue& two) {
  if (get<Set>(one) == nullptr || get<Set>(two) == nullptr) return std::nullopt;
  Set result;
  std::ranges::set_union(get<Set>(one)->members, get<Set>(two)->members, std::back_inserter(result.members));
  return AttributeValue{std::move(result)};
}

template <class Set>
std::optional<AttributeValue> without(const AttributeValue& one, const AttributeValue& two) {
  if (get<Set>(one) == nullptr || get<Set>(two) == nullptr) return std::nullopt;
  Set result;
  std::ranges::set_difference(get<Set>(one)->members, get<Set>(two)->members,
                              std::back_inserter(result.members));
  return AttributeValue{std::move(result)};
}

template <class Set>
bool is_empty_set(const AttributeValue& value) {
  return get<Set>(value) != nullptr && get<Set>(value)->members.empty();
}

}  // namespace

ApiResult<AttributeValue> evaluate_set(const Operand& operand, const AttributeMap& old_item) {
  ASSIGN_OR_RETURN(const ValuePointer value, evaluate(operand, old_item));
  RETURN_IF_ERROR(check_fits(model::value_size_bytes(*value)));
  return *value;
}

ApiResult<AttributeValue> evaluate_add(const AttributeValue* existing, const AttributeValue& operand,
                                       bool legacy) {
  RETURN_IF_ERROR(check_fits(model::value_size_bytes(operand)));
  if (existing == nullptr) return operand;
  if (existing->type() != operand.type()) return fail(wrong_type(legacy));
  if (const Number* number = existing->number()) {
    const auto sum = number->plus(*operand.number());
    if (!sum) return fail(number_error(sum.error()));
    return AttributeValue{*sum};
  }
  if (legacy && existing->list() != nullptr) {
    model::List joined = *existing->list();
    joined.insert(joined.end(), operand.list()->begin(), operand.list()->end());
    return AttributeValue{std::move(joined)};
  }
  auto result = united<model::StringSet>(*existing, operand);
  if (!result) result = united<model::NumberSet>(*existing, operand);
  if (!result) result = united<model::BinarySet>(*existing, operand);
  if (!result) return fail(wrong_type(legacy));
  return std::move(*result);
}

ApiResult<std::optional<AttributeValue>> evaluate_delete(const AttributeValue& existing,
                                                         const AttributeValue& operand, bool legacy) {
  auto result = without<model::StringSet>(existing, operand);
  if (!result) result = without<model::NumberSet>(existing, operand);
  if (!result) result = without<model::BinarySet>(existing, operand);
  if (!result) return fail(wrong_type(legacy));
  if (is_empty_set<model::StringSet>(*result) || is_empty_set<model::NumberSet>(*result) ||
      is_empty_set<model::BinarySet>(*result)) {
    return std::optional<AttributeValue>();
  }
  return result;
}

ApiResult<void> WrittenSize::add(const AttributeValue& value) {
  bytes_ += model::value_size_bytes(value);
  return check_fits(bytes_);
}

}  // namespace tidemark::api::expression

#include "api/expression/evaluate.h"

#include <string.h>

#include <algorithm>
#include <compare>

#include "base/check.h"
#include "base/utf8.h"
#include "model/canonical_text.h"
#include "model/item.h"

namespace tidemark::api::expression {
namespace {

using model::AttributeMap;
using model::AttributeValue;

// Nothing for the types that have no size. The service counts strings in UTF-16 code units.
std::optional<std::int64_t> size_of(const AttributeValue& value) {
  const auto count = [](const auto& container) { return static_cast<std::int64_t>(container.size()); };
  if (const auto* string = std::get_if<std::string>(&value.data)) return utf16_length(*string);
  if (const auto* binary = std::get_if<model::Binary>(&value.data)) return count(binary->bytes);
  if (const auto* set = std::get_if<model::StringSet>(&value.data)) return count(set->members);
  if (const auto* set = std::get_if<model::NumberSet>(&value.data)) return count(set->members);
  if (const auto* set = std::get_if<model::BinarySet>(&value.data)) return count(set->members);
  if (const auto* list = std::get_if<model::List>(&value.data)) return count(*list);
  if (const auto* map = std::get_if<AttributeMap>(&value.data)) return count(*map);
  return std::nullopt;
}

// Unordered: different types, or types without order.
std::partial_ordering compare(const AttributeValue& a, const AttributeValue& b) {
  if (a.type() != b.type()) return std::partial_ordering::unordered;
  if (const auto* string = a.string()) return *string <=> *b.string();
  if (const auto* number = a.number()) return *number <=> *b.number();
  if (const auto* binary = a.binary()) return binary->bytes <=> b.binary()->bytes;
  return std::partial_ordering::unordered;
}

// The value an operand stands for; null if it has none. `*scratch` keeps a computed value alive.
const AttributeValue* value_of(const Operand& operand, const AttributeMap* item, AttributeValue* scratch) {
  if (operand.kind == OperandKind::kValue) return operand.value.get();
  if (operand.kind == OperandKind::kPath) return item == nullptr ? nullptr : find(operand.path, *item);
  INVARIANT(operand.kind == OperandKind::kFunction && operand.function == Function::kSize);
  const AttributeValue* argument = value_of(operand.arguments[0], item, scratch);
  if (argument == nullptr) return nullptr;
  const auto size = size_of(*argument);
  if (!size) return nullptr;
  scratch->data = model::Number::from_int(*size);
  return scratch;
}

bool equal(const AttributeValue* a, const AttributeValue* b) {
  return a != nullptr && b != nullptr && *a == *b;
}

bool compare_holds(Comparator comparator, const AttributeValue* a, const AttributeValue* b) {
  if (comparator == Comparator::kEqual) return equal(a, b);
  if (comparator == Comparator::kNotEqual) return !equal(a, b);
  if (a == nullptr || b == nullptr) return false;
  const std::partial_ordering order = compare(*a, *b);
  switch (comparator) {
    case Comparator::kLess:
      return order < 0;
    case Comparator::kLessOrEqual:
      return order <= 0;
    case Comparator::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

bool begins_with(const AttributeValue& value, const AttributeValue& prefix) {
  if (value.string() != nullptr && prefix.string() != nullptr) {
    return value.string()->starts_with(*prefix.string());
  }
  if (value.binary() != nullptr && prefix.binary() != nullptr) {
    return value.binary()->bytes.starts_with(prefix.binary()->bytes);
  }
  return false;
}

template <class Set, class Member>
bool has_member(const AttributeValue& value, const Member* member) {
  const auto* set = std::get_if<Set>(&value.data);
  return set != nullptr && member != nullptr && std::ranges::binary_search(set->members, *member);
}

// In time linear in the texts, which std::string::find is not: with 400 KB of one letter it takes a second.
bool has_substring(const std::string& text, const std::string& part) {
  return ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

bool contains(const AttributeValue& value, const AttributeValue& wanted) {
  if (const auto* list = value.list()) return std::ranges::find(*list, wanted) != list->end();
  const std::string* bytes = wanted.binary() != nullptr ? &wanted.binary()->bytes : nullptr;
  if (value.string() != nullptr && wanted.string() != nullptr) {
    return has_substring(*value.string(), *wanted.string());
  }
  if (value.binary() != nullptr && bytes != nullptr) return has_substring(value.binary()->bytes, *bytes);
  return has_member<model::StringSet>(value, wanted.string()) ||
         has_member<model::NumberSet>(value, wanted.number()) || has_member<model::BinarySet>(value, bytes);
}

bool function_holds(const Condition& condition, const AttributeMap* item) {
  AttributeValue first_scratch;
  const AttributeValue* first = value_of(condition.operands[0], item, &first_scratch);
  if (condition.function == Function::kAttributeExists) return first != nullptr;
  if (condition.function == Function::kAttributeNotExists) return first == nullptr;
  AttributeValue second_scratch;
  const AttributeValue* second = value_of(condition.operands[1], item, &second_scratch);
  if (first == nullptr || second == nullptr) return false;
  switch (condition.function) {
    case Function::kAttributeType:
      return second->string() != nullptr && model::type_descriptor(first->type()) == *second->string();
    case Function::kBeginsWith:
      return begins_with(*first, *second);
    case Function::kContains:
      return contains(*first, *second);
    default:
      INVARIANT(false && "a function that is no condition");
      return false;
  }
}

bool leaf_holds(const Condition& condition, const AttributeMap* item) {
  if (condition.kind == ConditionKind::kFunction) return function_holds(condition, item);
  AttributeValue subject_scratch;
  const AttributeValue* subject = value_of(condition.operands[0], item, &subject_scratch);
  AttributeValue scratch;
  const auto holds_against = [&](Comparator comparator, std::size_t operand) {
    return compare_holds(comparator, subject, value_of(condition.operands[operand], item, &scratch));
  };
  if (condition.kind == ConditionKind::kCompare) return holds_against(condition.comparator, 1);
  if (condition.kind == ConditionKind::kBetween) {
    return holds_against(Comparator::kGreaterOrEqual, 1) && holds_against(Comparator::kLessOrEqual, 2);
  }
  for (std::size_t i = 1; i < condition.operands.size(); ++i) {
    if (holds_against(Comparator::kEqual, i)) return true;
  }
  return false;
}

}  // namespace

const AttributeValue* find(const Path& path, const AttributeMap& item) {
  const auto top = item.find(path.top());
  if (top == item.end()) return nullptr;
  const AttributeValue* value = &top->second;
  for (std::size_t i = 1; i < path.steps.size(); ++i) {
    const PathStep& step = path.steps[i];
    if (const std::string* name = step.name()) {
      const AttributeMap* map = value->map();
      if (map == nullptr) return nullptr;
      const auto member = map->find(*name);
      if (member == map->end()) return nullptr;
      value = &member->second;
    } else {
      const model::List* list = value->list();
      if (list == nullptr || *step.index() >= list->size()) return nullptr;
      value = &(*list)[*step.index()];
    }
  }
  return value;
}

bool holds(const Condition& condition, const AttributeMap* item) {
  const auto child_holds = [item](const Condition& child) { return holds(child, item); };
  switch (condition.kind) {
    case ConditionKind::kAnd:
      return std::ranges::all_of(condition.children, child_holds);
    case ConditionKind::kOr:
      return std::ranges::any_of(condition.children, child_holds);
    case ConditionKind::kNot:
      return !child_holds(condition.children[0]);
    default:
      return leaf_holds(condition, item);
  }
}

Result<bool> holds(const Condition& condition, std::string_view item_text) {
  ASSIGN_OR_RETURN(const AttributeMap item, extract(item_text, referenced_attributes(condition)));
  return holds(condition, &item);
}

// Both go upwards, so one walk finds all names, however many there are.
Result<AttributeMap> extract(std::string_view item_text, const std::vector<std::string>& names) {
  AttributeMap item;
  model::AttributeCursor attributes(item_text);
  std::string_view raw_name;
  std::string_view value_text;
  auto name = names.begin();
  while (name != names.end() && attributes.next(&raw_name, &value_text)) {
    auto order = model::order_of(raw_name, *name);
    while (order > 0 && ++name != names.end()) order = model::order_of(raw_name, *name);
    if (order != 0 || name == names.end()) continue;
    ASSIGN_OR_RETURN(AttributeValue value, model::parse_value(value_text));
    item.emplace_hint(item.end(), *name++, std::move(value));
  }
  return item;
}

}  // namespace tidemark::api::expression

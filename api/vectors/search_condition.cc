#include "api/vectors/search_condition.h"

#include <algorithm>

#include "api/expression/parser.h"
#include "model/words/constraints.h"
#include "model/words/items.h"

namespace tidemark::api {
namespace {

using expression::Comparator;
using expression::Condition;
using expression::ConditionKind;
using expression::Operand;
using expression::OperandKind;

// An equality: the attribute may stand on either side.
struct Equality {
  const expression::Path* path = nullptr;
  const model::AttributeValue* value = nullptr;
};

ApiError invalid_comparator() {
  return expression::invalid_expression(expression::ExpressionKind::kSearchCondition,
                                        "Invalid comparator used in SearchConditionExpression");
}

ApiResult<void> collect(const Condition& condition, std::vector<Equality>* equalities) {
  if (condition.kind == ConditionKind::kAnd) {
    for (const Condition& child : condition.children) RETURN_IF_ERROR(collect(child, equalities));
    return {};
  }
  if (condition.kind != ConditionKind::kCompare || condition.comparator != Comparator::kEqual) {
    return fail(invalid_comparator());
  }
  Equality equality;
  for (const Operand& operand : condition.operands) {
    if (operand.kind == OperandKind::kPath) equality.path = &operand.path;
    if (operand.kind == OperandKind::kValue) equality.value = operand.value.get();
  }
  if (equality.path == nullptr || equality.value == nullptr) return fail(invalid_comparator());
  equalities->push_back(equality);
  return {};
}

ApiError hash_is_missing() {
  return validation("SearchConditionExpression must be provided when SearchSchema has a HASH key");
}

// A path of several steps names no attribute of the schema.
std::string text_of(const expression::Path& path) {
  return path.nested() ? expression::to_string(path) : path.top();
}

bool is_named(const std::vector<model::AttributeDefinition>& attributes, const expression::Path& path) {
  return !path.nested() &&
         std::ranges::find(attributes, path.top(), &model::AttributeDefinition::name) != attributes.end();
}

ApiResult<model::KeyPart> key_part(const model::AttributeDefinition& attribute,
                                   const model::AttributeValue& value) {
  if (value.type() == model::attribute_type(attribute.type)) return model::key_part_of(value);
  return fail(validation(words::invalid_parameter(words::kConditionTypeMismatch)));
}

}  // namespace

ApiResult<void> check_search_condition(const Condition& condition) {
  std::vector<Equality> equalities;
  return collect(condition, &equalities);
}

ApiResult<SearchScope> scope_of(const Condition* condition, const model::IndexSchema& index) {
  SearchScope scope;
  std::vector<Equality> equalities;
  if (condition != nullptr) RETURN_IF_ERROR(collect(*condition, &equalities));
  for (const Equality& equality : equalities) {
    if (is_named(index.keys.partition_keys, *equality.path)) {
      if (!scope.partition.empty()) {
        scope.has_filters = true;  // said twice: both must hold
        continue;
      }
      ASSIGN_OR_RETURN(model::KeyPart part, key_part(index.keys.partition_keys.front(), *equality.value));
      scope.partition.push_back(std::move(part));
    } else if (is_named(index.vector->filters, *equality.path)) {
      scope.has_filters = true;
    } else {
      return fail(validation(
          "SearchConditionExpression must not contain any attributes that is not in SearchSchema. Invalid "
          "attribute: " +
          text_of(*equality.path)));
    }
  }
  if (scope.partition.size() < index.keys.partition_keys.size()) return fail(hash_is_missing());
  return scope;
}

}  // namespace tidemark::api

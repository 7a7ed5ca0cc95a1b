// The comparison that Expected, QueryFilter, ScanFilter and KeyConditions make: an operator and its values.
// Source: DynamoDB developer guide, "Writing conditions with legacy parameters".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/expression/ast.h"
#include "api/expression/key_condition.h"

namespace tidemark::api {

enum class ComparisonOperator : std::uint8_t {
  kEq,
  kNe,
  kLe,
  kLt,
  kGe,
  kGt,
  kBetween,
  kIn,
  kBeginsWith,
  kContains,
  kNotContains,
  kNull,
  kNotNull,
};
// kNone for those that a key does not allow.
expression::KeyOperator key_operator_of(ComparisonOperator op);

struct Comparison {
  ComparisonOperator op = ComparisonOperator::kEq;
  std::vector<expression::ValuePointer> values;
};

// Reads a structure with ComparisonOperator, AttributeValueList and, where Expected has it, Value. Nothing
// when there is no ComparisonOperator. Errors: ValidationException for values that cannot be, their number
// and their types.
ApiResult<std::optional<Comparison>> comparison_of(const Input& input);

// One attribute value of a request, as it is compared or stored.
ApiResult<expression::ValuePointer> legacy_value_of(json::Value value, model::Wording wording);

// The legacy parameters name top-level attributes alone. Errors: ValidationException for an empty name and
// one that is too long.
ApiResult<expression::Path> legacy_path_of(std::string_view attribute, model::Wording wording);

// What an expression says in its place.
expression::Condition condition_of(expression::Path attribute, Comparison comparison);

// ConditionalOperator: AND, which is also what joins them without it, or OR. Errors: ValidationException when
// it is given and there is nothing to join. Nothing for no conditions at all.
ApiResult<std::optional<expression::Condition>> joined(const Input& input,
                                                       std::vector<expression::Condition> conditions);

}  // namespace tidemark::api

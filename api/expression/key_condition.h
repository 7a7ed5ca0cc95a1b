// KeyConditionExpression: which part of a table or index a Query reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/core/error.h"
#include "api/expression/ast.h"
#include "api/expression/resolve.h"
#include "model/key.h"
#include "model/table_schema.h"

namespace tidemark::api::expression {

using KeyOperator = model::SortOperator;

// One condition on one attribute, the attribute on the left.
struct KeyAttributeCondition {
  std::string attribute;
  KeyOperator op = KeyOperator::kEqual;
  ValuePointer low;   // the operand, or the lower bound of kBetween
  ValuePointer high;  // the upper bound of kBetween
};

// Joined by AND, at most one per attribute, in reading order. KeyConditions (legacy) can be made into this
// too.
struct KeyConditions {
  std::vector<KeyAttributeCondition> conditions;
};

// Everything that can be judged without the table.
//
// compile_key_condition does both steps. An operation whose request has further expressions calls the second
// step, whose messages come after theirs, on its own: compile_condition(kKeyCondition, ...), the other
// expressions, require_all_used, key_conditions_of.
ApiResult<KeyConditions> compile_key_condition(std::string_view text, Substitutions& substitutions);
ApiResult<KeyConditions> key_conditions_of(const Condition& condition);

// Bound to a schema: all partition attributes, equality on the first sort attributes, then at most one other
// operator.
struct KeyCondition {
  std::vector<model::KeyPart> partition;
  std::vector<model::KeyPart>
      equal_prefix;                     // sort attributes with equality that stand before the one of `op`
  KeyOperator op = KeyOperator::kNone;  // on sort attribute number equal_prefix.size()
  model::KeyPart low;
  model::KeyPart high;
};

// Errors: ValidationException for missing or foreign attributes, operators that a key does not allow, values
// of another type than the schema's, empty values.
ApiResult<KeyCondition> bind(const KeyConditions& conditions, const model::KeySchema& schema,
                             model::Wording wording);

}  // namespace tidemark::api::expression

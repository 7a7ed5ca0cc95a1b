// QueryFilter, ScanFilter and KeyConditions: maps from attribute names to comparisons.
#pragma once

#include <optional>
#include <string_view>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/expression/ast.h"
#include "api/expression/key_condition.h"

namespace tidemark::api {

// The filter that `parameter` (QueryFilter, ScanFilter) and ConditionalOperator stand for; nothing if there
// is none. Errors: ValidationException.
ApiResult<std::optional<expression::Condition>> legacy_filter(const Input& input, std::string_view parameter);

// KeyConditions, which the request must have, as what KeyConditionExpression is made into. Errors:
// ValidationException, also for operators that a key does not allow.
ApiResult<expression::KeyConditions> legacy_key_conditions(const Input& input);

}  // namespace tidemark::api

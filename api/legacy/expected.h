// Expected and ConditionalOperator of writes.
// Source: DynamoDB developer guide, "Expected (legacy)".
#pragma once

#include <optional>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/expression/ast.h"

namespace tidemark::api {

// The condition that they stand for; nothing if there is none. Errors: ValidationException.
ApiResult<std::optional<expression::Condition>> legacy_expected(const Input& input);

}  // namespace tidemark::api

// The constraints that a shape declares: presence, lengths, ranges, enums, the name pattern. All violations
// are reported in one message, in the order of the shape's members, ten at most.
#pragma once

#include "api/core/error.h"
#include "api/core/shape.h"
#include "base/json.h"
#include "model/words/wording.h"

namespace tidemark::api {

// `body` must have passed check_types().
// Errors: ValidationException `2 validation errors detected: Value 'X' at 'select' failed to satisfy
// constraint: Member must satisfy enum value set: [...]; Value null at 'tableName' failed ...`
ApiResult<void> check_constraints(const Shape& shape, json::Value body, model::Wording wording);

}  // namespace tidemark::api

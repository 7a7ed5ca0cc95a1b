// AttributesToGet of reads.
// Source: DynamoDB developer guide, "AttributesToGet (legacy)".
#pragma once

#include <optional>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/expression/ast.h"

namespace tidemark::api {

// The projection that it stands for; nothing if absent. Errors: ValidationException for names that cannot be
// and for one that comes twice.
ApiResult<std::optional<expression::Projection>> legacy_projection(const Input& input);

}  // namespace tidemark::api

// AttributeUpdates of UpdateItem.
// Source: DynamoDB developer guide, "AttributeUpdates (legacy)".
#pragma once

#include <optional>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/expression/ast.h"

namespace tidemark::api {

// The update that it stands for; nothing if there is none. Errors: ValidationException.
ApiResult<std::optional<expression::Update>> legacy_updates(const Input& input);

}  // namespace tidemark::api

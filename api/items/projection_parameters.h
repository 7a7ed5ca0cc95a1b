// What the operations that read items share.
#pragma once

#include <optional>

#include "api/core/capacity.h"
#include "api/core/error.h"
#include "api/core/input.h"
#include "api/expression/ast.h"
#include "model/item.h"
#include "storage/engine.h"

namespace tidemark::api {

// AttributesToGet or ProjectionExpression with its ExpressionAttributeNames, where these are the only
// expression parameters there are (GetItem, BatchGetItem). Nothing: whole items.
ApiResult<std::optional<expression::Projection>> parse_projection(const Input& input);

}  // namespace tidemark::api

// Document paths of expressions against the keys of a table: key attributes are scalars and cannot be
// updated.
#pragma once

#include <vector>

#include "api/core/error.h"
#include "api/expression/ast.h"
#include "model/table_schema.h"

namespace tidemark::api {

// `Key attributes must be scalars; ...` for a path that goes into a key attribute of the table or of an
// index.
ApiResult<void> check_key_paths(const model::TableSchema& schema,
                                const std::vector<const expression::Path*>& paths);

// The same for the targets of an update, which must not be key attributes of the table at all.
ApiResult<void> check_update_targets(const model::TableSchema& schema, const expression::Update& update);

}  // namespace tidemark::api

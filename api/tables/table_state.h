// Which states of a table allow it to be changed or deleted.
#pragma once

#include "api/core/error.h"
#include "model/table_schema.h"

namespace tidemark::api {

// Errors: ResourceInUseException unless the table is ACTIVE.
ApiResult<void> check_not_in_use(const model::TableSchema& schema);

}  // namespace tidemark::api

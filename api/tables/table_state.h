// Holding a table to change or delete it, and which states allow that.
#pragma once

#include <string_view>

#include "api/core/context.h"
#include "api/core/error.h"
#include "model/table_schema.h"
#include "storage/table_states.h"

namespace tidemark::api {

// The table, in whatever state; nobody else changes it meanwhile. Errors: those of existing_table().
ApiResult<storage::TableChange> hold_table(const OperationContext& context, std::string_view name_or_arn);

// Errors: ResourceInUseException unless the table is ACTIVE.
ApiResult<void> check_not_in_use(const model::TableSchema& schema);
// The first two. A table that is being restored is not found.
ApiResult<storage::TableChange> hold_active_table(const OperationContext& context,
                                                  std::string_view name_or_arn);
// Errors: ValidationException if the table is protected against deletion.
ApiResult<void> check_not_protected(const model::TableSchema& schema);

}  // namespace tidemark::api

// From a ResourceArn to the table whose tags are meant. Only tables have tags: indexes share those of theirs.
#pragma once

#include <string_view>

#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/shape.h"
#include "storage/table_states.h"

namespace tidemark::api {

Shape resource_arn();

// Errors: ValidationException for anything but the ARN of a table.
ApiResult<void> check_table_arn(std::string_view arn);

// The table, held to be changed. Errors: ResourceNotFoundException, also while an import or a restore makes
// it; ResourceInUseException unless it is ACTIVE.
ApiResult<storage::TableChange> hold_tagged_table(const OperationContext& context, std::string_view arn);

}  // namespace tidemark::api

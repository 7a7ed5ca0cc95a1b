// From a BulkOperationArn to the bulk operation.
#pragma once

#include <string>

#include "api/core/context.h"
#include "api/core/error.h"
#include "transfer/bulk_record.h"

namespace tidemark::api {

// Errors: ValidationException for what is no such ARN, AccessDeniedException for another account's,
// ResourceNotFoundException.
ApiResult<void> check_bulk_arn(const std::string& arn);
ApiResult<transfer::BulkRecord> find_bulk_operation(const OperationContext& context, const std::string& arn);

}  // namespace tidemark::api

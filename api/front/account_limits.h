// Refuses what would take an account beyond its limits.
#pragma once

#include "api/core/account_limits.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/operation.h"
#include "base/json.h"

namespace tidemark::api {

// Judges a request before it is carried out, by what there is already: a single one may go beyond the limit
// of bytes. Reads and deletes always pass. Costs a look at every table of the account; not to be called
// without limits. Errors: LimitExceededException.
ApiResult<void> check_account_limits(const Operation& operation, json::Value body,
                                     const AccountLimits& limits, const OperationContext& context);

}  // namespace tidemark::api

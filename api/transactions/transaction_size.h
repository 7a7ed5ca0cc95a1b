// How much a transaction may have.
#pragma once

#include <cstdint>

#include "api/core/error.h"

namespace tidemark::api {

// `bytes` of all its items together: 4 MB at most. Errors: ValidationException.
ApiResult<void> check_transaction_size(std::uint64_t bytes);

}  // namespace tidemark::api

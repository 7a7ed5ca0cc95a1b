// Whether the caller of a request may do what it asks.
#pragma once

#include "s3emu/rest/operation.h"

namespace tidemark::s3emu {

// Never blocks for long. Errors: AccessDenied.
S3Result<void> authorize(OperationContext& context, const S3Request& request, const Operation& operation);

}  // namespace tidemark::s3emu

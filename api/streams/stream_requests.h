// What the operations of the streams service share.
#pragma once

#include <string>
#include <string_view>

#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/operation.h"
#include "api/core/shape.h"
#include "storage/stream.h"

namespace tidemark::api {

Shape stream_arn();
Shape shard_id_member();

// The operation answers to targets of the streams service.
Operation of_streams_service(Operation operation);

// Errors: ResourceNotFoundException `Requested resource not found: Stream: <arn> not found`;
// AccessDeniedException in strict mode for the ARN of another account.
ApiResult<storage::Stream> existing_stream(const OperationContext& context, const std::string& arn);

ApiError shard_not_found(std::string_view shard_id, std::string_view stream_arn);
ApiError trimmed_data();

}  // namespace tidemark::api

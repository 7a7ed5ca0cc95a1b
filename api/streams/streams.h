// The operations of DynamoDB Streams.
#pragma once

#include "api/core/operation.h"

namespace tidemark::api {

Operation list_streams();
Operation describe_stream();
Operation get_shard_iterator();
Operation get_records();

}  // namespace tidemark::api

// Source: DynamoDB Streams API reference; texts as users of the service reported them.
#include "api/streams/stream_requests.h"

#include <utility>

#include "api/core/table_lookup.h"

namespace tidemark::api {

Shape stream_arn() { return string().length(37, 1'024); }

Shape shard_id_member() { return string().length(28, 65); }

Operation of_streams_service(Operation operation) {
  operation.service = ServiceKind::kStreams;
  return operation;
}

ApiResult<storage::Stream> existing_stream(const OperationContext& context, const std::string& arn) {
  // The table may be gone, but an ARN of another account is refused as a table's is.
  if (const auto parts = parse_table_arn(arn)) {
    RETURN_IF_ERROR(find_table(context, arn.substr(0, arn.size() - parts->resource.size() - 1)));
  }
  auto stream = context.engine.streams().find(arn);
  if (!stream || stream->region != context.owner.region) {
    return fail(resource_not_found("Requested resource not found: Stream: " + arn + " not found"));
  }
  return *std::move(stream);
}

ApiError shard_not_found(std::string_view shard_id, std::string_view stream_arn) {
  return resource_not_found("Requested resource not found: Shard: " + std::string(shard_id) +
                            " in Stream: " + std::string(stream_arn) + " not found");
}

ApiError trimmed_data() {
  return {ErrorType::kTrimmedDataAccess, "The data you are trying to access has been trimmed"};
}

}  // namespace tidemark::api

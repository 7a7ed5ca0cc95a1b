// Source: DynamoDB Streams API reference; texts as users of the service reported them.
#include "api/streams/stream_requests.h"

#include <utility>

#include "api/core/access.h"
#include "api/core/policy_book.h"
#include "api/core/table_lookup.h"
#include "model/words/tables.h"

namespace tidemark::api {

Shape stream_arn() { return string().length(37, 1'024); }

Shape shard_id_member() { return string().length(28, 65); }

Operation of_streams_service(Operation operation) {
  operation.service = ServiceKind::kStreams;
  return operation;
}

ApiResult<storage::Stream> existing_stream(const OperationContext& context, const std::string& arn) {
  auto stream = context.engine.streams().find(arn);
  const auto parts = parse_table_arn(arn);
  if (stream) {
    // The table may be gone, and its policies with it.
    const storage::TablePtr table = context.engine.catalog().find(stream->table);
    const auto policies = table ? policies_of(table->schema) : std::make_shared<const PolicyBook>();
    RETURN_IF_ERROR(
        check_stream_access(context, arn, stream->account_id, stream_policy(*policies, stream->label).text));
  } else if (parts) {
    RETURN_IF_ERROR(check_stream_access(context, arn, parts->account_id, {}));
  }
  if (!stream || stream->region != context.owner.region) {
    return fail(resource_not_found(words::no_such_stream(arn)));
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

// Source: DynamoDB Streams API reference, GetShardIterator. What is said about a sequence number that is
// missing or belongs to another shard is ours.
#include <algorithm>
#include <optional>
#include <string>

#include "api/streams/shard_iterator.h"
#include "api/streams/stream_requests.h"
#include "api/streams/streams.h"
#include "model/words/constraints.h"
#include "storage/shards.h"

namespace tidemark::api {
namespace {

constexpr auto kRequired = Presence::kRequired;

struct Request {
  std::string arn;
  std::string shard_id;
  std::string type;
  std::string sequence_number;  // empty where the type needs none
};

struct Response {
  std::string shard_iterator;
};

Shape shape() {
  return structure(
      "GetShardIteratorInput",
      {{"StreamArn", stream_arn(), kRequired},
       {"ShardId", shard_id_member(), kRequired},
       {"ShardIteratorType",
        enumeration({"AFTER_SEQUENCE_NUMBER", "LATEST", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"}), kRequired},
       {"SequenceNumber", string().length(21, 40)}});
}

ApiResult<Request> parse(const Input& input) {
  Request request{.arn = input.required_string("StreamArn"),
                  .shard_id = input.required_string("ShardId"),
                  .type = input.required_string("ShardIteratorType"),
                  .sequence_number = {}};
  if (!request.type.ends_with("_SEQUENCE_NUMBER")) return request;
  request.sequence_number = input.string("SequenceNumber").value_or("");
  if (request.sequence_number.empty()) {
    return fail(validation(words::invalid_parameter(
        "SequenceNumber must be specified when ShardIteratorType is " + request.type)));
  }
  return request;
}

// Errors: TrimmedDataAccessException, ValidationException for one of another shard.
ApiResult<storage::StreamPosition> position_of(const Request& request, const storage::Shard& shard,
                                               Timestamp horizon) {
  const auto position = storage::parse_sequence_number(request.sequence_number);
  if (!position || position->time < shard.begin || (shard.end && position->time >= *shard.end)) {
    return fail(validation(words::invalid_parameter("SequenceNumber " + request.sequence_number +
                                                    " does not belong to shard " + request.shard_id)));
  }
  if (position->time < horizon) return fail(trimmed_data());
  return request.type == "AT_SEQUENCE_NUMBER" ? *position : storage::next(*position);
}

// Whether a place in a shard is wanted that was there and is no more. Which shards there have been is
// computed from the stream (storage/shards.h): an id that is none of those never was one. Who names no place
// is told that the shard is not there.
bool is_trimmed(const Request& request, const storage::Stream& stream, Timestamp now) {
  if (request.sequence_number.empty()) return false;
  return storage::find_shard(stream, request.shard_id, now, stream.created_at).has_value();
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const storage::Stream stream, existing_stream(context, request.arn));
  storage::Streams& streams = context.engine.streams();
  ASSIGN_OR_RETURN(const auto shard, streams.find_shard(stream, request.shard_id));
  if (!shard) {
    const bool was_there = is_trimmed(request, stream, context.clock.now());
    return fail(was_there ? trimmed_data() : shard_not_found(request.shard_id, request.arn));
  }
  ShardIterator iterator{.stream_arn = request.arn,
                         .partition = shard->partition,
                         .shard_begin = shard->begin,
                         .position = {.time = shard->begin},
                         .is_at_trim_horizon = request.type == "TRIM_HORIZON",
                         .issued_at = context.clock.now()};
  if (request.type == "LATEST") {
    ASSIGN_OR_RETURN(const storage::StreamPosition newest, streams.newest(stream, *shard));
    iterator.position = std::max(iterator.position, newest);
  } else if (!iterator.is_at_trim_horizon) {
    ASSIGN_OR_RETURN(iterator.position, position_of(request, *shard, streams.horizon()));
  }
  return Response{to_text(iterator)};
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.member("ShardIterator", response.shard_iterator);
}

}  // namespace

Operation get_shard_iterator() {
  return of_streams_service(make_operation("GetShardIterator", Cost::kSlow, shape(), parse, execute, render));
}

}  // namespace tidemark::api

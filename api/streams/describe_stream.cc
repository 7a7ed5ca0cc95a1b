// Source: DynamoDB Streams API reference, DescribeStream.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/streams/stream_requests.h"
#include "api/streams/streams.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kShardsMax = 100;
constexpr auto kRequired = Presence::kRequired;

struct Request {
  std::string arn;
  std::size_t limit = kShardsMax;
  std::string start_after;               // the id of a shard
  std::optional<std::string> parent_id;  // only its children, all of them in one page
};

struct Response {
  storage::Stream stream;
  std::vector<storage::Shard> shards;
  bool has_more = false;
};

Shape shape() {
  return structure("DescribeStreamInput",
                   {{"StreamArn", stream_arn(), kRequired},
                    {"Limit", integer().range(1, kShardsMax)},
                    {"ExclusiveStartShardId", shard_id_member()},
                    {"ShardFilter", structure("ShardFilter", {{"Type", enumeration({"CHILD_SHARDS"})},
                                                              {"ShardId", shard_id_member()}})}});
}

ApiResult<Request> parse(const Input& input) {
  Request request{.arn = input.required_string("StreamArn"),
                  .limit = static_cast<std::size_t>(input.integer("Limit").value_or(kShardsMax)),
                  .start_after = std::string(input.string("ExclusiveStartShardId").value_or("")),
                  .parent_id = {}};
  const auto filter = input.structure("ShardFilter");
  if (filter && filter->has("Type") != filter->has("ShardId")) {
    return fail(validation(
        words::invalid_parameter("Type and ShardId must both be specified when ShardFilter is specified")));
  }
  if (filter && filter->has("ShardId")) request.parent_id = filter->required_string("ShardId");
  return request;
}

bool is_child_of(const storage::Shard& shard, const std::string& parent_id) {
  return shard.parent_begin && storage::shard_id(shard.partition, *shard.parent_begin) == parent_id;
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  Response response;
  ASSIGN_OR_RETURN(response.stream, existing_stream(context, request.arn));
  ASSIGN_OR_RETURN(response.shards, context.engine.streams().shards(response.stream));
  std::erase_if(response.shards, [&request](const storage::Shard& shard) {
    return storage::shard_id(shard.partition, shard.begin) <= request.start_after ||
           (request.parent_id && !is_child_of(shard, *request.parent_id));
  });
  if (response.shards.size() > request.limit && !request.parent_id) {
    response.shards.resize(request.limit);
    response.has_more = true;
  }
  return response;
}

void render_key_schema(const storage::Stream& stream, JsonWriter& json) {
  const auto element = [&json](std::string_view name, std::string_view type) {
    json.begin_object();
    json.member("AttributeName", name);
    json.member("KeyType", type);
    json.end_object();
  };
  json.begin_array();
  element(stream.partition_key, "HASH");
  if (!stream.sort_key.empty()) element(stream.sort_key, "RANGE");
  json.end_array();
}

void render_shard(const storage::Shard& shard, JsonWriter& json) {
  json.begin_object();
  json.member("ShardId", storage::shard_id(shard.partition, shard.begin));
  json.key("SequenceNumberRange");
  json.begin_object();
  json.member("StartingSequenceNumber", storage::starting_sequence_number(shard));
  if (const auto ending = storage::ending_sequence_number(shard))
    json.member("EndingSequenceNumber", *ending);
  json.end_object();
  if (shard.parent_begin)
    json.member("ParentShardId", storage::shard_id(shard.partition, *shard.parent_begin));
  json.end_object();
}

void render(const Request&, const Response& response, JsonWriter& json) {
  const storage::Stream& stream = response.stream;
  json.key("StreamDescription");
  json.begin_object();
  json.member("StreamArn", stream.arn);
  json.member("StreamLabel", stream.label);
  json.member("StreamStatus", stream.ended_at ? "DISABLED" : "ENABLED");
  json.member("StreamViewType", stream.view_type);
  json.member("CreationRequestDateTime", stream.created_at);
  json.member("TableName", stream.table_name);
  json.key("KeySchema");
  render_key_schema(stream, json);
  json.key("Shards");
  json.begin_array();
  for (const storage::Shard& shard : response.shards) render_shard(shard, json);
  json.end_array();
  if (response.has_more) {
    const storage::Shard& last = response.shards.back();
    json.member("LastEvaluatedShardId", storage::shard_id(last.partition, last.begin));
  }
  json.end_object();
}

}  // namespace

Operation describe_stream() {
  return of_streams_service(make_operation("DescribeStream", Cost::kSlow, shape(), parse, execute, render));
}

}  // namespace tidemark::api

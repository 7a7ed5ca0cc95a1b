// Source: DynamoDB Streams API reference, ListStreams.
#include <optional>
#include <string>
#include <vector>

#include "api/streams/stream_requests.h"
#include "api/streams/streams.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kStreamsMax = 100;

struct Request {
  std::string table_name;  // empty: those of all tables
  std::size_t limit = kStreamsMax;
  std::string start_after;
};

struct Response {
  std::vector<storage::Stream> streams;
  bool has_more = false;
};

Shape shape() {
  return structure("ListStreamsInput", {{"TableName", index_name()},
                                        {"Limit", integer().range(1, kStreamsMax)},
                                        {"ExclusiveStartStreamArn", stream_arn()}});
}

ApiResult<Request> parse(const Input& input) {
  return Request{.table_name = std::string(input.string("TableName").value_or("")),
                 .limit = static_cast<std::size_t>(input.integer("Limit").value_or(kStreamsMax)),
                 .start_after = std::string(input.string("ExclusiveStartStreamArn").value_or(""))};
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  Response response;
  for (storage::Stream& stream : context.engine.streams().list()) {
    if (stream.account_id != context.owner.account_id || stream.region != context.owner.region) continue;
    if (!request.table_name.empty() && stream.table_name != request.table_name) continue;
    if (stream.arn <= request.start_after) continue;
    if (response.streams.size() == request.limit) {
      response.has_more = true;
      break;
    }
    response.streams.push_back(std::move(stream));
  }
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("Streams");
  json.begin_array();
  for (const storage::Stream& stream : response.streams) {
    json.begin_object();
    json.member("StreamArn", stream.arn);
    json.member("TableName", stream.table_name);
    json.member("StreamLabel", stream.label);
    json.end_object();
  }
  json.end_array();
  if (response.has_more) json.member("LastEvaluatedStreamArn", response.streams.back().arn);
}

}  // namespace

Operation list_streams() {
  return of_streams_service(make_operation("ListStreams", Cost::kSlow, shape(), parse, execute, render));
}

}  // namespace tidemark::api

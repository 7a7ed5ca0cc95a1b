#include <utility>

#include "api/core/table_lookup.h"
#include "api/settings/settings.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
};

struct Response {
  storage::TablePtr table;
};

ApiResult<Request> parse(const Input& input) { return Request{input.string("TableName").value_or("")}; }

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TablePtr table, existing_table(context, request.table_name));
  return Response{std::move(table)};
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.member("TableName", response.table->schema.name);
  json.key("KinesisDataStreamDestinations");
  json.begin_array();
  for (const model::KinesisDestination& destination : response.table->schema.kinesis_destinations) {
    json.begin_object();
    json.member("StreamArn", destination.stream_arn);
    json.member("DestinationStatus", destination.is_active ? "ACTIVE" : "DISABLED");
    if (!destination.precision.empty()) {
      json.member("ApproximateCreationDateTimePrecision", destination.precision);
    }
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Operation describe_kinesis_streaming_destination() {
  return make_operation("DescribeKinesisStreamingDestination", Cost::kQuickRead,
                        structure("DescribeKinesisStreamingDestinationInput",
                                  {{"TableName", table_name_or_arn(), Presence::kRequired}}),
                        parse, execute, render);
}

}  // namespace tidemark::api

#include "api/settings/settings.h"
#include "api/tables/setting_description.h"

namespace tidemark::api {
namespace {

void render(const model::TableSchema& schema, JsonWriter& json) {
  json.member("TableName", schema.name);
  json.key("KinesisDataStreamDestinations");
  json.begin_array();
  for (const model::KinesisDestination& destination : schema.kinesis_destinations) {
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
  return describe_setting("DescribeKinesisStreamingDestination", "DescribeKinesisStreamingDestinationInput",
                          render);
}

}  // namespace tidemark::api

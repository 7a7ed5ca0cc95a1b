#include "api/settings/kinesis_destinations.h"

#include <algorithm>
#include <string>

#include "api/core/table_lookup.h"

namespace tidemark::api {

Shape kinesis_input(std::string_view name, std::string_view configuration) {
  return structure(
      name, {{"TableName", table_name_or_arn(), Presence::kRequired},
             {"StreamArn", string().length(37, 1'024), Presence::kRequired},
             {configuration, structure(configuration, {{"ApproximateCreationDateTimePrecision",
                                                        enumeration({"MILLISECOND", "MICROSECOND"})}})}});
}

KinesisRequest read_kinesis_request(const Input& input, std::string_view configuration) {
  KinesisRequest request{.table_name = input.string("TableName").value_or(""),
                         .stream_arn = input.string("StreamArn").value_or(""),
                         .precision = {}};
  if (const auto wanted = input.structure(configuration)) {
    request.precision = wanted->string("ApproximateCreationDateTimePrecision").value_or("");
  }
  return request;
}

model::KinesisDestination* find_destination(model::TableSchema& schema, std::string_view stream_arn) {
  const auto found =
      std::ranges::find(schema.kinesis_destinations, stream_arn, &model::KinesisDestination::stream_arn);
  return found == schema.kinesis_destinations.end() ? nullptr : &*found;
}

ApiError wrong_destination_state(std::string_view verb, std::string_view why) {
  return validation("Table is not in a valid state to " + std::string(verb) +
                    " Kinesis Streaming Destination: " + std::string(why));
}

ApiError no_destination(std::string_view verb, const KinesisRequest& request) {
  return wrong_destination_state(
      verb, "No streaming destination with streamArn: " + std::string(request.stream_arn) +
                " found for table with tableName: " + std::string(table_name_of(request.table_name)));
}

void render_kinesis_change(const KinesisRequest& request, std::string_view status,
                           std::string_view configuration, JsonWriter& json) {
  json.member("TableName", table_name_of(request.table_name));
  json.member("StreamArn", request.stream_arn);
  json.member("DestinationStatus", status);
  json.key(configuration);
  json.begin_object();
  if (!request.precision.empty()) json.member("ApproximateCreationDateTimePrecision", request.precision);
  json.end_object();
}

}  // namespace tidemark::api

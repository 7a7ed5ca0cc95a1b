#include "api/settings/kinesis_destinations.h"
#include "api/settings/settings.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kDefaultPrecision = "MILLISECOND";

ApiResult<void> check(const KinesisRequest& request) {
  if (!request.precision.empty()) return {};
  return fail(
      validation("Streaming destination cannot be updated with given parameters: "
                 "UpdateKinesisStreamingConfiguration cannot be null or contain only null values"));
}

ApiResult<void> update(const KinesisRequest& request, model::TableSchema& settings) {
  model::KinesisDestination* const destination = find_destination(settings, request.stream_arn);
  const std::string table_name = settings.name;
  const std::string stream_arn(request.stream_arn);
  if (destination == nullptr) {
    return fail(wrong_destination_state("No streaming destination with streamArn: " + stream_arn +
                                        " found for table with tableName: " + table_name));
  }
  if (!destination->is_active) {
    return fail(wrong_destination_state(
        "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE "
        "state. TableName: " +
        table_name + ", kdsArn: " + stream_arn));
  }
  const std::string_view before =
      destination->precision.empty() ? kDefaultPrecision : std::string_view(destination->precision);
  if (before == request.precision) {
    return fail(validation("Invalid Request: Precision is already set to the desired value of " +
                           std::string(request.precision) + " for tableId: " + settings.uuid +
                           ", kdsArn: " + stream_arn));
  }
  destination->precision = request.precision;
  return {};
}

}  // namespace

Operation update_kinesis_streaming_destination() {
  return kinesis_change({.operation = "UpdateKinesisStreamingDestination",
                         .input = "UpdateKinesisStreamingDestinationInput",
                         .configuration = "UpdateKinesisStreamingConfiguration",
                         .passing_status = "UPDATING",
                         .check = check,
                         .apply = update});
}

}  // namespace tidemark::api

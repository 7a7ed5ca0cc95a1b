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
  if (destination == nullptr || !destination->is_active) return fail(no_destination("update", request));
  const std::string_view before =
      destination->precision.empty() ? kDefaultPrecision : std::string_view(destination->precision);
  if (before == request.precision) {
    return fail(validation("Invalid Request: Precision is already set to the desired value of " +
                           std::string(request.precision) + " for tableId: " + settings.uuid +
                           ", kdsArn: " + std::string(request.stream_arn)));
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

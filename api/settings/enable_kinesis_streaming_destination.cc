#include "api/settings/kinesis_destinations.h"
#include "api/settings/settings.h"

namespace tidemark::api {
namespace {

ApiResult<void> enable(const KinesisRequest& request, model::TableSchema& settings) {
  model::KinesisDestination* destination = find_destination(settings, request.stream_arn);
  if (destination != nullptr && destination->is_active) {
    return fail(wrong_destination_state("enable",
                                        "EnableKinesisStreamingDestination must be DISABLED or "
                                        "ENABLE_FAILED to perform ENABLE operation."));
  }
  if (destination == nullptr) destination = &settings.kinesis_destinations.emplace_back();
  *destination = {.stream_arn = std::string(request.stream_arn),
                  .is_active = true,
                  .precision = std::string(request.precision)};
  return {};
}

}  // namespace

Operation enable_kinesis_streaming_destination() {
  return kinesis_change({.operation = "EnableKinesisStreamingDestination",
                         .input = "EnableKinesisStreamingDestinationInput",
                         .configuration = "EnableKinesisStreamingConfiguration",
                         .passing_status = "ENABLING",
                         .apply = enable});
}

}  // namespace tidemark::api

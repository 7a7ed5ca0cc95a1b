#include <algorithm>

#include "api/settings/kinesis_destinations.h"
#include "api/settings/settings.h"

namespace tidemark::api {
namespace {

// A table has one active destination at most.
ApiResult<void> enable(const KinesisRequest& request, model::TableSchema& settings) {
  if (std::ranges::any_of(settings.kinesis_destinations, &model::KinesisDestination::is_active)) {
    return fail(wrong_destination_state(
        "EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform "
        "ENABLE operation."));
  }
  model::KinesisDestination* destination = find_destination(settings, request.stream_arn);
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

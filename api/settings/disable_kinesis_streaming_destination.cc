#include <utility>

#include "api/settings/kinesis_destinations.h"
#include "api/settings/settings.h"

namespace tidemark::api {
namespace {

// A destination stays listed as DISABLED. One that was never there is told no differently.
ApiResult<void> disable(const KinesisRequest& request, model::TableSchema& settings) {
  model::KinesisDestination* const destination = find_destination(settings, request.stream_arn);
  if (destination != nullptr && std::exchange(destination->is_active, false)) return {};
  return fail(
      wrong_destination_state("KinesisStreamingDestination must be ACTIVE to perform DISABLE operation."));
}

}  // namespace

Operation disable_kinesis_streaming_destination() {
  return kinesis_change({.operation = "DisableKinesisStreamingDestination",
                         .input = "DisableKinesisStreamingDestinationInput",
                         .configuration = "EnableKinesisStreamingConfiguration",
                         .passing_status = "DISABLING",
                         .stream_arn_length_min = 1,
                         .apply = disable});
}

}  // namespace tidemark::api

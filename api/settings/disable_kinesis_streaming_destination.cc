#include <utility>

#include "api/settings/kinesis_destinations.h"
#include "api/settings/settings.h"

namespace tidemark::api {
namespace {

// A destination stays listed as DISABLED.
ApiResult<void> disable(const KinesisRequest& request, model::TableSchema& settings) {
  model::KinesisDestination* const destination = find_destination(settings, request.stream_arn);
  if (destination == nullptr) return fail(no_destination("disable", request));
  if (!std::exchange(destination->is_active, false)) {
    return fail(wrong_destination_state(
        "disable", "EnableKinesisStreamingDestination must be ACTIVE to perform DISABLE operation."));
  }
  return {};
}

}  // namespace

Operation disable_kinesis_streaming_destination() {
  return kinesis_change({.operation = "DisableKinesisStreamingDestination",
                         .input = "DisableKinesisStreamingDestinationInput",
                         .configuration = "EnableKinesisStreamingConfiguration",
                         .passing_status = "DISABLING",
                         .apply = disable});
}

}  // namespace tidemark::api

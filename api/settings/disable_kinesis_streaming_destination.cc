#include <utility>

#include "api/settings/kinesis_destinations.h"
#include "api/settings/settings.h"
#include "api/tables/table_state.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kConfiguration = "EnableKinesisStreamingConfiguration";

struct Nothing {};

ApiResult<KinesisRequest> parse(const Input& input) { return read_kinesis_request(input, kConfiguration); }

// A destination stays listed as DISABLED.
ApiResult<Nothing> execute(const KinesisRequest& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_table(context, request.table_name));
  RETURN_IF_ERROR(check_not_in_use(change.table()->schema));
  model::KinesisDestination* const destination = find_destination(change.settings(), request.stream_arn);
  if (destination == nullptr) return fail(no_destination("disable", request));
  if (!std::exchange(destination->is_active, false)) {
    return fail(wrong_destination_state(
        "disable", "EnableKinesisStreamingDestination must be ACTIVE to perform DISABLE operation."));
  }
  RETURN_IF_ERROR(context.engine.table_states().save(std::move(change)));
  return Nothing{};
}

void render(const KinesisRequest& request, const Nothing&, JsonWriter& json) {
  render_kinesis_change(request, "DISABLING", kConfiguration, json);
}

}  // namespace

Operation disable_kinesis_streaming_destination() {
  return make_operation("DisableKinesisStreamingDestination", Cost::kSlow,
                        kinesis_input("DisableKinesisStreamingDestinationInput", kConfiguration), parse,
                        execute, render);
}

}  // namespace tidemark::api

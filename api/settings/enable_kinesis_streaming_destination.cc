#include <utility>

#include "api/settings/kinesis_destinations.h"
#include "api/settings/settings.h"
#include "api/tables/table_state.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kConfiguration = "EnableKinesisStreamingConfiguration";

struct Nothing {};

ApiResult<KinesisRequest> parse(const Input& input) { return read_kinesis_request(input, kConfiguration); }

ApiResult<Nothing> execute(const KinesisRequest& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_table(context, request.table_name));
  RETURN_IF_ERROR(check_not_in_use(change.table()->schema));
  model::KinesisDestination* destination = find_destination(change.settings(), request.stream_arn);
  if (destination != nullptr && destination->is_active) {
    return fail(wrong_destination_state("enable",
                                        "EnableKinesisStreamingDestination must be DISABLED or "
                                        "ENABLE_FAILED to perform ENABLE operation."));
  }
  if (destination == nullptr) destination = &change.settings().kinesis_destinations.emplace_back();
  *destination = {.stream_arn = std::string(request.stream_arn),
                  .is_active = true,
                  .precision = std::string(request.precision)};
  RETURN_IF_ERROR(context.engine.table_states().save(std::move(change)));
  return Nothing{};
}

void render(const KinesisRequest& request, const Nothing&, JsonWriter& json) {
  render_kinesis_change(request, "ENABLING", kConfiguration, json);
}

}  // namespace

Operation enable_kinesis_streaming_destination() {
  return make_operation("EnableKinesisStreamingDestination", Cost::kSlow,
                        kinesis_input("EnableKinesisStreamingDestinationInput", kConfiguration), parse,
                        execute, render);
}

}  // namespace tidemark::api

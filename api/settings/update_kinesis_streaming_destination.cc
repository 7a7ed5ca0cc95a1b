#include <utility>

#include "api/settings/kinesis_destinations.h"
#include "api/settings/settings.h"
#include "api/tables/table_state.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kConfiguration = "UpdateKinesisStreamingConfiguration";
constexpr std::string_view kDefaultPrecision = "MILLISECOND";

struct Nothing {};

ApiResult<KinesisRequest> parse(const Input& input) {
  const KinesisRequest request = read_kinesis_request(input, kConfiguration);
  if (!request.precision.empty()) return request;
  return fail(
      validation("Streaming destination cannot be updated with given parameters: "
                 "UpdateKinesisStreamingConfiguration cannot be null or contain only null values"));
}

ApiResult<Nothing> execute(const KinesisRequest& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TableChange change, hold_table(context, request.table_name));
  RETURN_IF_ERROR(check_not_in_use(change.table()->schema));
  model::KinesisDestination* const destination = find_destination(change.settings(), request.stream_arn);
  if (destination == nullptr || !destination->is_active) return fail(no_destination("update", request));
  const std::string_view before =
      destination->precision.empty() ? kDefaultPrecision : std::string_view(destination->precision);
  if (before == request.precision) {
    return fail(validation("Invalid Request: Precision is already set to the desired value of " +
                           std::string(request.precision) + " for tableId: " + change.table()->schema.uuid +
                           ", kdsArn: " + std::string(request.stream_arn)));
  }
  destination->precision = request.precision;
  RETURN_IF_ERROR(context.engine.table_states().save(std::move(change)));
  return Nothing{};
}

void render(const KinesisRequest& request, const Nothing&, JsonWriter& json) {
  render_kinesis_change(request, "UPDATING", kConfiguration, json);
}

}  // namespace

Operation update_kinesis_streaming_destination() {
  return make_operation("UpdateKinesisStreamingDestination", Cost::kSlow,
                        kinesis_input("UpdateKinesisStreamingDestinationInput", kConfiguration), parse,
                        execute, render);
}

}  // namespace tidemark::api

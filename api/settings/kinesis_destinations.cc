#include "api/settings/kinesis_destinations.h"

#include <algorithm>
#include <string>
#include <utility>

#include "api/core/table_lookup.h"
#include "api/tables/table_state.h"

namespace tidemark::api {

namespace {

Shape shape_of(const KinesisChange& change) {
  return structure(change.input,
                   {{"TableName", table_name_or_arn(), Presence::kRequired},
                    {"StreamArn", string().length(change.stream_arn_length_min, 1'024), Presence::kRequired},
                    {change.configuration,
                     structure(change.configuration, {{"ApproximateCreationDateTimePrecision",
                                                       enumeration({"MILLISECOND", "MICROSECOND"})}})}});
}

KinesisRequest read_request(const Input& input, std::string_view configuration) {
  KinesisRequest request{.table_name = input.string("TableName").value_or(""),
                         .stream_arn = input.string("StreamArn").value_or(""),
                         .precision = {}};
  if (const auto wanted = input.structure(configuration)) {
    request.precision = wanted->string("ApproximateCreationDateTimePrecision").value_or("");
  }
  return request;
}

// The state that the destination passes through.
void render_change(const KinesisChange& change, const KinesisRequest& request, JsonWriter& json) {
  json.member("TableName", table_name_of(request.table_name));
  json.member("StreamArn", request.stream_arn);
  json.member("DestinationStatus", change.passing_status);
  json.key(change.configuration);
  json.begin_object();
  if (!request.precision.empty()) json.member("ApproximateCreationDateTimePrecision", request.precision);
  json.end_object();
}

struct Nothing {};

}  // namespace

model::KinesisDestination* find_destination(model::TableSchema& schema, std::string_view stream_arn) {
  const auto found =
      std::ranges::find(schema.kinesis_destinations, stream_arn, &model::KinesisDestination::stream_arn);
  return found == schema.kinesis_destinations.end() ? nullptr : &*found;
}

ApiError wrong_destination_state(std::string_view why) {
  return validation("Table is not in a valid state to enable Kinesis Streaming Destination: " +
                    std::string(why));
}

Operation kinesis_change(const KinesisChange& change) {
  const auto parse = [change](const Input& input) -> ApiResult<KinesisRequest> {
    const KinesisRequest request = read_request(input, change.configuration);
    if (change.check != nullptr) RETURN_IF_ERROR(change.check(request));
    return request;
  };
  const auto execute = [change](const KinesisRequest& request,
                                OperationContext& context) -> ApiResult<Nothing> {
    ASSIGN_OR_RETURN(storage::TableChange table, hold_active_table(context, request.table_name));
    RETURN_IF_ERROR(change.apply(request, table.settings()));
    RETURN_IF_ERROR(context.engine.table_states().save(std::move(table)));
    return Nothing{};
  };
  const auto render = [change](const KinesisRequest& request, const Nothing&, JsonWriter& json) {
    render_change(change, request, json);
  };
  return make_operation(change.operation, Cost::kSlow, shape_of(change), parse, execute, render);
}

}  // namespace tidemark::api

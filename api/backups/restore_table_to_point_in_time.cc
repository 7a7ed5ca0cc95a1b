// Source: DynamoDB API reference, RestoreTableToPointInTime; order of checks and texts from recorded answers.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/backups/backups.h"
#include "api/backups/continuous_backups.h"
#include "api/backups/restored_table.h"
#include "api/core/table_lookup.h"
#include "model/pitr.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string source;  // name or ARN
  bool is_arn = false;
  std::optional<Timestamp> time;  // nothing: the latest
  RestoreTarget target;
};

Shape shape() {
  std::vector<Member> members = {{"SourceTableArn", string().length(1, 1024)},
                                 {"SourceTableName", string().length(3, 255).name_pattern()}};
  for (Member& member : restore_target_members()) members.push_back(std::move(member));
  members.push_back({"UseLatestRestorableTime", boolean()});
  members.push_back({"RestoreDateTime", timestamp()});
  return structure("RestoreTableToPointInTimeInput", std::move(members));
}

ApiResult<void> read_source(const Input& input, Request* request) {
  const auto arn = input.string("SourceTableArn");
  const auto name = input.string("SourceTableName");
  if (arn && name) {
    return fail(validation("Must provide exactly one of: sourceTableArn, sourceTableName"));
  }
  if (!arn && !name) return fail(validation(words::missing_parameter("TableName")));
  request->source = arn.value_or(name.value_or(""));
  request->is_arn = arn.has_value();
  return {};
}

ApiResult<void> read_time(const Input& input, Request* request) {
  request->time = input.timestamp("RestoreDateTime");
  const bool wants_latest = input.boolean("UseLatestRestorableTime").value_or(false);
  if (request->time && wants_latest) {
    // The service's text goes on; how is not known.
    return fail(
        validation("Invalid Request: Both RestoreDateTime and UseLatestRestorableTime cannot be set for "
                   "point-in-time restore request."));
  }
  if (!request->time && !wants_latest) {
    return fail(
        validation("Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be "
                   "specified, but not both"));
  }
  return {};
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  RETURN_IF_ERROR(read_source(input, &request));
  RETURN_IF_ERROR(read_time(input, &request));
  ASSIGN_OR_RETURN(request.target, read_restore_target(input));
  return request;
}

// The table of an ARN may be in another region than the one that it is restored to.
ApiResult<storage::TablePtr> find_source(const Request& request, const OperationContext& context) {
  if (!request.is_arn) return table_with_backups(context, request.source);
  const auto arn = parse_table_arn(request.source);
  if (!arn || !arn->resource.empty()) return fail(validation("sourceTableArn is not a valid ARN"));
  if (arn->account_id != context.owner.account_id) {
    return fail(
        validation("This action is only supported by accounts that match the resource owner's account"));
  }
  if (arn->region == model::arn_region(context.owner.region)) {
    return table_with_backups(context, request.source);
  }
  if (!request.target.kms_key_id) {
    return fail(
        validation("Invalid Request: sseSpecificationOverride must be provided for cross-region restores"));
  }
  auto table = context.engine.catalog().find(
      {.account_id = context.owner.account_id, .region = std::string(arn->region)}, arn->table_name);
  if (!table || table->schema.status == model::TableStatus::kCreating) {
    return fail(backup_table_not_found(request.source));
  }
  RETURN_IF_ERROR(check_access(context, *table, {}));
  return table;
}

std::string time_text(Timestamp time) {
  return time == time.floor_second() ? format_iso_seconds(time) : format_iso_millis(time);
}

ApiError outside_of(const model::PitrWindow& window, Timestamp asked) {
  return {ErrorType::kInvalidRestoreTime,
          "RestoreDateTime '" + time_text(asked) + "' must be within EarliestRestorableDateTime '" +
              time_text(window.earliest) + "' and LatestRestorableDateTime '" + time_text(window.latest) +
              "'"};
}

ApiResult<TableDescription> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const storage::TablePtr source, find_source(request, context));
  const model::TableSchema& schema = source->schema;
  const Timestamp now = context.clock.now();
  const model::PitrLag lag = context.settings.pitr_lag;
  const auto window = model::pitr_window(schema.pitr, now, lag);
  if (!window) {
    return fail(ApiError(ErrorType::kPointInTimeRecoveryUnavailable, words::pitr_not_enabled(schema.name)));
  }
  const Timestamp asked = request.time.value_or(window->latest);
  auto moment = request.time ? model::restorable_moment(schema.pitr, asked, now, lag) : window->end;
  if (!moment) return fail(outside_of(*window, asked));
  // Without a lag the latest moment has everything that was ever acknowledged.
  if (!request.time && lag.count() == 0) moment = storage::kFromNowOn;
  ASSIGN_OR_RETURN(model::TableSchema restored,
                   restored_schema(schema, request.target, context.owner, context.random.uuid(), now));
  RETURN_IF_ERROR(check_target_is_free(request.target, context));

  timetravel::RestoreRecord record;
  record.source_table_id = storage::number(source->id);
  record.source_table_arn = schema.arn();
  record.restore_time = request.time ? asked : window->end;
  return start_restore(std::move(record), *moment, std::move(restored), outside_of(*window, asked), context);
}

void render(const Request&, const TableDescription& description, JsonWriter& json) {
  json.key("TableDescription");
  render_table_description(description, json);
}

}  // namespace

Operation restore_table_to_point_in_time() {
  return make_operation("RestoreTableToPointInTime", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

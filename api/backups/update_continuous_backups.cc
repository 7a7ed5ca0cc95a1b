#include <algorithm>

#include "api/backups/backups.h"
#include "api/backups/continuous_backups.h"

namespace tidemark::api {
namespace {

constexpr int kPeriodDaysDefault = 35;
constexpr std::int64_t kSecondsPerDay = 86'400;

struct Request {
  std::string_view table_name;
  bool enable = false;
  std::optional<int> period_days;
};

Shape shape() {
  return structure("UpdateContinuousBackupsInput",
                   {{"TableName", table_name_or_arn(), Presence::kRequired},
                    {"PointInTimeRecoverySpecification",
                     structure("PointInTimeRecoverySpecification",
                               {{"PointInTimeRecoveryEnabled", boolean(), Presence::kRequired},
                                {"RecoveryPeriodInDays", integer().range(1, kPeriodDaysDefault)}}),
                     Presence::kRequired}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.table_name = input.string("TableName").value_or("");
  const Input specification = *input.structure("PointInTimeRecoverySpecification");
  request.enable = specification.boolean("PointInTimeRecoveryEnabled").value_or(false);
  if (const auto days = specification.integer("RecoveryPeriodInDays")) {
    request.period_days = static_cast<int>(*days);
  }
  if (!request.enable && request.period_days) {
    return fail(validation(
        "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery."));
  }
  return request;
}

// Enabling again keeps the start of the window. A longer period never brings back what a shorter one has
// given up, so the start then stays where it was.
void apply(const Request& request, Timestamp now, model::PitrSettings& settings) {
  if (!request.enable) {
    settings = model::PitrSettings{};
    return;
  }
  if (!settings.enabled) {
    settings = {.enabled = true,
                .enabled_at = now,
                .recovery_period_days = request.period_days.value_or(kPeriodDaysDefault)};
    return;
  }
  if (!request.period_days) return;
  const Timestamp begin = now.plus_seconds(-kSecondsPerDay * settings.recovery_period_days);
  settings.enabled_at = std::max(settings.enabled_at, begin);
  settings.recovery_period_days = *request.period_days;
}

ApiResult<RecoveryWindow> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TablePtr table, table_with_backups(context, request.table_name));
  const Timestamp now = context.clock.now();
  auto changed = context.engine.catalog().update_table(
      table->id, [&request, now](model::TableSchema& schema) -> Result<void> {
        apply(request, now, schema.pitr);
        return {};
      });
  if (!changed.has_value() && changed.error().code == ErrorCode::kNotFound) {
    return fail(backup_table_not_found(request.table_name));
  }
  ASSIGN_OR_RETURN(table, std::move(changed));
  return recovery_window(table->schema.pitr, now);
}

void render(const Request&, const RecoveryWindow& window, JsonWriter& json) {
  render_continuous_backups(window, json);
}

}  // namespace

Operation update_continuous_backups() {
  return make_operation("UpdateContinuousBackups", Access::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

#include "api/backups/backups.h"
#include "api/backups/continuous_backups.h"
#include "model/pitr.h"

namespace tidemark::api {
namespace {

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
                                {"RecoveryPeriodInDays", integer().range(1, model::kPitrPeriodDaysMax)}}),
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

// Enabling again keeps the start of the window.
model::PitrSettings apply(const Request& request, const model::PitrSettings& settings, Timestamp now) {
  if (!request.enable) return {};
  if (!settings.enabled) {
    return model::enabled_pitr(now, request.period_days.value_or(model::kPitrPeriodDaysMax));
  }
  return request.period_days ? model::with_period(settings, *request.period_days, now) : settings;
}

ApiResult<ContinuousBackups> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(storage::TablePtr table, table_to_back_up(context, request.table_name));
  const Timestamp now = context.clock.now();
  auto change = context.engine.table_states().hold(table->id);
  if (!change) return fail(backup_table_not_found(request.table_name));
  model::PitrSettings& pitr = change->settings().pitr;
  pitr = apply(request, pitr, now);
  ASSIGN_OR_RETURN(table, context.engine.table_states().save(*std::move(change)));
  return ContinuousBackups{.pitr = table->schema.pitr, .now = now, .lag = context.settings.pitr_lag};
}

void render(const Request&, const ContinuousBackups& backups, JsonWriter& json) {
  render_continuous_backups(backups, json);
}

}  // namespace

Operation update_continuous_backups() {
  return make_operation("UpdateContinuousBackups", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

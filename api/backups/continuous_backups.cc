#include "api/backups/continuous_backups.h"

#include <algorithm>

#include "api/core/table_lookup.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kLatestBehindSeconds = 300;

}  // namespace

RecoveryWindow recovery_window(const model::PitrSettings& settings, Timestamp now) {
  if (!settings.enabled) return {};
  const Timestamp begin = now.plus_seconds(-kSecondsPerDay * settings.recovery_period_days);
  RecoveryWindow window;
  window.is_enabled = true;
  window.period_days = settings.recovery_period_days;
  window.earliest = std::max(settings.enabled_at, begin).floor_second();
  window.latest = std::max(window.earliest, now.plus_seconds(-kLatestBehindSeconds).floor_second());
  return window;
}

Timestamp restorable_moment(const model::PitrSettings& settings, Timestamp asked) {
  return asked >= settings.enabled_at.floor_second() ? std::max(asked, settings.enabled_at) : asked;
}

ApiResult<storage::TablePtr> table_with_backups(const OperationContext& context,
                                                std::string_view name_or_arn) {
  ASSIGN_OR_RETURN(storage::TablePtr table, find_table(context, name_or_arn));
  if (!table || table->schema.status == model::TableStatus::kCreating) {
    return fail(backup_table_not_found(name_or_arn));
  }
  return table;
}

ApiError backup_table_not_found(std::string_view name_or_arn) {
  return {ErrorType::kTableNotFound, "Table not found: " + std::string(table_name_of(name_or_arn))};
}

void render_continuous_backups(const RecoveryWindow& window, JsonWriter& json) {
  json.key("ContinuousBackupsDescription");
  json.begin_object();
  // Not the switch of point-in-time recovery: every table has this, for ever.
  json.member("ContinuousBackupsStatus", "ENABLED");
  json.key("PointInTimeRecoveryDescription");
  json.begin_object();
  json.member("PointInTimeRecoveryStatus", window.is_enabled ? "ENABLED" : "DISABLED");
  if (window.is_enabled) {
    json.member("RecoveryPeriodInDays", static_cast<std::int64_t>(window.period_days));
    json.member("EarliestRestorableDateTime", window.earliest);
    json.member("LatestRestorableDateTime", window.latest);
  }
  json.end_object();
  json.end_object();
}

}  // namespace tidemark::api

#include "api/backups/continuous_backups.h"

#include "api/core/table_lookup.h"

namespace tidemark::api {

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

void render_continuous_backups(const ContinuousBackups& backups, JsonWriter& json) {
  const auto window = model::pitr_window(backups.pitr, backups.now, backups.lag);
  json.key("ContinuousBackupsDescription");
  json.begin_object();
  // Not the switch of point-in-time recovery: every table has this, for ever.
  json.member("ContinuousBackupsStatus", "ENABLED");
  json.key("PointInTimeRecoveryDescription");
  json.begin_object();
  json.member("PointInTimeRecoveryStatus", window ? "ENABLED" : "DISABLED");
  if (window) {
    json.member("RecoveryPeriodInDays", std::int64_t{backups.pitr.recovery_period_days});
    json.member("EarliestRestorableDateTime", window->earliest);
    json.member("LatestRestorableDateTime", window->latest);
  }
  json.end_object();
  json.end_object();
}

}  // namespace tidemark::api

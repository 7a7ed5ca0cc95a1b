#include "api/backups/continuous_backups.h"

#include "api/core/table_lookup.h"
#include "model/words/tables.h"
#include "transfer/import_jobs.h"

namespace tidemark::api {
namespace {

bool is_being_imported(const storage::Table& table) {
  return table.filled_by && table.filled_by->kind == transfer::kImportKind;
}

}  // namespace

ApiResult<storage::TablePtr> table_with_backups(const OperationContext& context,
                                                std::string_view name_or_arn) {
  ASSIGN_OR_RETURN(storage::TablePtr table, table_with_backups_or_import(context, name_or_arn));
  if (is_being_imported(*table)) return fail(backup_table_not_found(name_or_arn));
  return table;
}

ApiResult<storage::TablePtr> table_with_backups_or_import(const OperationContext& context,
                                                          std::string_view name_or_arn) {
  ASSIGN_OR_RETURN(storage::TablePtr table, find_table(context, name_or_arn));
  if (table && is_being_imported(*table)) return table;
  if (!table || table->schema.status == model::TableStatus::kCreating) {
    return fail(backup_table_not_found(name_or_arn));
  }
  return table;
}

ApiResult<storage::TablePtr> table_to_back_up(const OperationContext& context, std::string_view name_or_arn) {
  ASSIGN_OR_RETURN(storage::TablePtr table, table_with_backups_or_import(context, name_or_arn));
  if (is_being_imported(*table)) {
    return fail(
        ApiError(ErrorType::kContinuousBackupsUnavailable,
                 "Backups are being enabled for the table: " + table->schema.name + ". Please retry later"));
  }
  return table;
}

ApiError backup_table_not_found(std::string_view name_or_arn) {
  return {ErrorType::kTableNotFound, words::no_such_table(table_name_of(name_or_arn))};
}

void render_continuous_backups(const ContinuousBackups& backups, JsonWriter& json) {
  const auto window = model::pitr_window(backups.pitr, backups.now, backups.lag);
  json.key("ContinuousBackupsDescription");
  json.begin_object();
  // Not the switch of point-in-time recovery: every table has this, for ever.
  json.member("ContinuousBackupsStatus", backups.has_backups ? "ENABLED" : "DISABLED");
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

// Source: DynamoDB API reference, ListBackups; recorded answers.
#include <optional>
#include <string>
#include <string_view>

#include "api/backups/backup_requests.h"
#include "api/backups/backups.h"
#include "api/core/table_lookup.h"
#include "api/jobs/job_arn.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kBackupsMax = 100;

struct Request {
  std::optional<std::string> table;  // name or ARN
  std::int64_t backups_max = kBackupsMax;
  std::optional<Timestamp> from;
  std::optional<Timestamp> until;  // not including
  std::string after;               // the ARN of the last one of the page before
  std::string type = "USER";
};

Shape shape() {
  return structure("ListBackupsInput",
                   {{"TableName", table_name_or_arn()},
                    {"Limit", integer().range(1, kBackupsMax)},
                    {"TimeRangeLowerBound", timestamp()},
                    {"TimeRangeUpperBound", timestamp()},
                    {"ExclusiveStartBackupArn", backup_arn()},
                    {"BackupType", enumeration({"USER", "SYSTEM", "AWS_BACKUP", "ALL"})}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  if (const auto table = input.string("TableName")) request.table = std::string(*table);
  request.backups_max = input.integer("Limit").value_or(request.backups_max);
  // Times are compared as they are shown.
  if (const auto from = input.timestamp("TimeRangeLowerBound")) request.from = from->floor_millis();
  if (const auto until = input.timestamp("TimeRangeUpperBound")) request.until = until->floor_millis();
  if (request.from && request.until && *request.from > *request.until) {
    return fail(validation("Time range lower bound must be less than or equal to upper bound"));
  }
  request.after = input.string("ExclusiveStartBackupArn").value_or("");
  if (!request.after.empty() && !parse_job_arn(request.after, "backup")) return fail(invalid_backup_arn());
  request.type = input.string("BackupType").value_or(request.type);
  return request;
}

ApiResult<timetravel::BackupPage> execute(const Request& request, OperationContext& context) {
  // The table may be gone: its name is all that counts.
  std::optional<std::string_view> table_name;
  if (request.table) {
    table_name = table_name_of(*request.table);
    const auto arn = parse_table_arn(*request.table);
    if (arn && arn->account_id != context.owner.account_id) return fail(access_denied());
  }
  return context.time_travel->backups.list(
      request.after, static_cast<std::size_t>(request.backups_max),
      [&](const timetravel::BackupRecord& backup) {
        const bool is_owned = backup.schema.account_id == context.owner.account_id &&
                              backup.schema.region == context.owner.region;
        const bool is_of_type = request.type == "ALL" || request.type == backup_type_name(backup.type);
        return is_owned && is_of_type && (!table_name || backup.schema.name == *table_name) &&
               (!request.from || backup.created_at >= *request.from) &&
               (!request.until || backup.created_at < *request.until);
      });
}

void render(const Request&, const timetravel::BackupPage& page, JsonWriter& json) {
  json.key("BackupSummaries");
  json.begin_array();
  for (const timetravel::BackupPtr& backup : page.records) {
    json.begin_object();
    json.member("TableName", backup->schema.name);
    json.member("TableId", backup->schema.uuid);
    json.member("TableArn", backup->schema.arn());
    render_backup_details(*backup, "AVAILABLE", json);
    json.end_object();
  }
  json.end_array();
  if (page.has_more) json.member("LastEvaluatedBackupArn", page.records.back()->arn);
}

}  // namespace

Operation list_backups() {
  return make_operation("ListBackups", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

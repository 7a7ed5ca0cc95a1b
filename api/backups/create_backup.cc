// Source: DynamoDB API reference, CreateBackup; recorded answers.
#include <string>
#include <string_view>

#include "api/backups/backup_requests.h"
#include "api/backups/backups.h"
#include "api/backups/continuous_backups.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
  std::string backup_name;
};

ApiResult<Request> parse(const Input& input) {
  return Request{input.string("TableName").value_or(""), input.required_string("BackupName")};
}

ApiResult<timetravel::BackupPtr> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const storage::TablePtr table, table_to_back_up(context, request.table_name));
  auto backup = context.time_travel->backups.create(*table, request.backup_name);
  if (!backup && backup.error().code == ErrorCode::kNotFound) {
    return fail(backup_table_not_found(request.table_name));
  }
  ASSIGN_OR_RETURN(auto created, std::move(backup));
  return created;
}

// It is there already, but the service needs a moment, and says so.
void render(const Request&, const timetravel::BackupPtr& backup, JsonWriter& json) {
  json.key("BackupDetails");
  json.begin_object();
  render_backup_details(*backup, "CREATING", json);
  json.end_object();
}

}  // namespace

Operation create_backup() {
  return make_operation(
      "CreateBackup", Cost::kSlow,
      structure("CreateBackupInput",
                {{"TableName", table_name_or_arn(), Presence::kRequired},
                 {"BackupName", string().length(3, 255).name_pattern(), Presence::kRequired}}),
      parse, execute, render);
}

}  // namespace tidemark::api

// Source: DynamoDB API reference, DeleteBackup; recorded answers.
#include <string>

#include "api/backups/backup_requests.h"
#include "api/backups/backups.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string arn;
};

ApiResult<Request> parse(const Input& input) { return Request{read_backup_arn(input)}; }

ApiResult<timetravel::BackupPtr> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const timetravel::BackupPtr backup, find_backup(context, request.arn));
  if (backup->type == timetravel::BackupType::kSystem) {
    return fail(validation("User is not allowed to delete the system backup with arn " + backup->arn +
                           ". It will automatically expire on " + format_iso_millis(*backup->expires_at)));
  }
  if (context.time_travel->restores.is_restoring(backup->arn)) {
    return fail(ApiError(ErrorType::kBackupInUse, "Backup is being used to restore table: " + backup->arn));
  }
  auto removed = context.time_travel->backups.remove(backup->arn);
  if (!removed && removed.error().code == ErrorCode::kNotFound) return fail(backup_not_found(request.arn));
  ASSIGN_OR_RETURN(auto deleted, std::move(removed));
  return deleted;
}

void render(const Request&, const timetravel::BackupPtr& backup, JsonWriter& json) {
  render_backup_description(*backup, "DELETED", json);
}

}  // namespace

Operation delete_backup() {
  return make_operation("DeleteBackup", Cost::kSlow, structure("DeleteBackupInput", {backup_arn_member()}),
                        parse, execute, render);
}

}  // namespace tidemark::api

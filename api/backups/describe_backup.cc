// Source: DynamoDB API reference, DescribeBackup; recorded answers.
#include <string_view>

#include "api/backups/backup_requests.h"
#include "api/backups/backups.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view arn;
};

ApiResult<Request> parse(const Input& input) { return Request{input.string("BackupArn").value_or("")}; }

ApiResult<timetravel::BackupPtr> execute(const Request& request, OperationContext& context) {
  return find_backup(context, request.arn);
}

void render(const Request&, const timetravel::BackupPtr& backup, JsonWriter& json) {
  render_backup_description(*backup, "AVAILABLE", json);
}

}  // namespace

Operation describe_backup() {
  return make_operation("DescribeBackup", Cost::kQuickRead,
                        structure("DescribeBackupInput", {{"BackupArn", backup_arn(), Presence::kRequired}}),
                        parse, execute, render);
}

}  // namespace tidemark::api

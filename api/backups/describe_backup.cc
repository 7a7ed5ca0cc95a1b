// Source: DynamoDB API reference, DescribeBackup; recorded answers.
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
  return find_backup(context, request.arn);
}

void render(const Request&, const timetravel::BackupPtr& backup, JsonWriter& json) {
  render_backup_description(*backup, "AVAILABLE", json);
}

}  // namespace

Operation describe_backup() {
  return make_operation("DescribeBackup", Cost::kQuickRead,
                        structure("DescribeBackupInput", {backup_arn_member()}), parse, execute, render);
}

}  // namespace tidemark::api

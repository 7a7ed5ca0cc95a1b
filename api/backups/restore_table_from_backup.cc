// Source: DynamoDB API reference, RestoreTableFromBackup; recorded answers.
#include <string>
#include <utility>

#include "api/backups/backup_requests.h"
#include "api/backups/backups.h"
#include "api/backups/restored_table.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string backup_arn;
  RestoreTarget target;
};

Shape shape() {
  std::vector<Member> members = restore_target_members();
  members.insert(members.begin() + 1, backup_arn_member());
  return structure("RestoreTableFromBackupInput", std::move(members));
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.backup_arn = read_backup_arn(input);
  ASSIGN_OR_RETURN(request.target, read_restore_target(input));
  return request;
}

ApiResult<TableDescription> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const timetravel::BackupPtr backup, find_backup(context, request.backup_arn));
  ASSIGN_OR_RETURN(model::TableSchema schema, restored_schema(backup->schema, request.target, context.owner,
                                                              context.random.uuid(), context.clock.now()));
  RETURN_IF_ERROR(check_target_is_free(request.target, context));
  timetravel::RestoreRecord record;
  record.source_table_id = storage::number(backup->table);
  record.source_table_arn = backup->schema.arn();
  record.backup_arn = backup->arn;
  record.restore_time = backup->created_at;
  return start_restore(std::move(record), backup->moment, std::move(schema), backup_not_found(backup->arn),
                       context);
}

void render(const Request&, const TableDescription& description, JsonWriter& json) {
  json.key("TableDescription");
  render_table_description(description, json);
}

}  // namespace

Operation restore_table_from_backup() {
  return make_operation("RestoreTableFromBackup", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

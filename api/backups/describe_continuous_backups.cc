#include "api/backups/backups.h"
#include "api/backups/continuous_backups.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
};

ApiResult<Request> parse(const Input& input) { return Request{input.string("TableName").value_or("")}; }

ApiResult<ContinuousBackups> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const storage::TablePtr table, table_with_backups_or_import(context, request.table_name));
  return ContinuousBackups{.has_backups = table->schema.status != model::TableStatus::kCreating,
                           .pitr = table->schema.pitr,
                           .now = context.clock.now(),
                           .lag = context.settings.pitr_lag};
}

void render(const Request&, const ContinuousBackups& backups, JsonWriter& json) {
  render_continuous_backups(backups, json);
}

}  // namespace

Operation describe_continuous_backups() {
  return make_operation(
      "DescribeContinuousBackups", Cost::kQuickRead,
      structure("DescribeContinuousBackupsInput", {{"TableName", table_name_or_arn(), Presence::kRequired}}),
      parse, execute, render);
}

}  // namespace tidemark::api

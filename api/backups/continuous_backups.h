// What the operations on continuous backups share: the table look-up with its own errors, and the answer.
#pragma once

#include <string_view>

#include "api/core/context.h"
#include "api/core/error.h"
#include "base/json_writer.h"
#include "model/pitr.h"
#include "storage/table.h"

namespace tidemark::api {

// The settings of a table, and the moment of the answer.
struct ContinuousBackups {
  bool has_backups = true;  // no table is without them once it is ACTIVE
  model::PitrSettings pitr;
  Timestamp now;
  model::PitrLag lag;
};

// Errors: TableNotFoundException, also while the table is being created.
ApiResult<storage::TablePtr> table_with_backups(const OperationContext& context,
                                                std::string_view name_or_arn);
// The same, but a table that an import fills is there already, to be described. Source: recorded answers.
ApiResult<storage::TablePtr> table_with_backups_or_import(const OperationContext& context,
                                                          std::string_view name_or_arn);
// For what changes or makes backups. Errors: TableNotFoundException, and, while an import fills the table,
// ContinuousBackupsUnavailableException. Source: recorded answers.
ApiResult<storage::TablePtr> table_to_back_up(const OperationContext& context, std::string_view name_or_arn);
ApiError backup_table_not_found(std::string_view name_or_arn);

// Writes the member ContinuousBackupsDescription.
void render_continuous_backups(const ContinuousBackups& backups, JsonWriter& json);

}  // namespace tidemark::api

// What both operations on continuous backups share: the table look-up with its own error, and the answer.
#pragma once

#include <string_view>

#include "api/core/context.h"
#include "api/core/error.h"
#include "base/json_writer.h"
#include "storage/table.h"

namespace tidemark::api {

// Which past moments of a table can be restored.
struct RecoveryWindow {
  bool is_enabled = false;
  int period_days = 0;
  Timestamp earliest;  // whole seconds
  Timestamp latest;    // at least five minutes ago, unless the window is younger than that
};
RecoveryWindow recovery_window(const model::PitrSettings& settings, Timestamp now);

// The moment to read for one that the client asked for. The window begins inside a second and is shown as
// that second's start, which therefore stands for the window's own.
Timestamp restorable_moment(const model::PitrSettings& settings, Timestamp asked);

// Errors: TableNotFoundException, also while the table is being created.
ApiResult<storage::TablePtr> table_with_backups(const OperationContext& context,
                                                std::string_view name_or_arn);
ApiError backup_table_not_found(std::string_view name_or_arn);

// Writes the member ContinuousBackupsDescription.
void render_continuous_backups(const RecoveryWindow& window, JsonWriter& json);

}  // namespace tidemark::api

// What the operations on backups share: ARNs, errors, and how a backup is shown.
#pragma once

#include <string>
#include <string_view>

#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "base/json_writer.h"
#include "timetravel/time_travel.h"

namespace tidemark::api {

Shape backup_arn();
// The member BackupArn, and what it says.
Member backup_arn_member();
std::string read_backup_arn(const Input& input);

// The backup of that ARN. Errors: ValidationException for what is no ARN of a backup; AccessDeniedException
// for one of another account; BackupNotFoundException.
ApiResult<timetravel::BackupPtr> find_backup(const OperationContext& context, std::string_view arn);
ApiError backup_not_found(std::string_view arn);
ApiError invalid_backup_arn();

// The members that all structures about a backup have in common.
void render_backup_details(const timetravel::BackupRecord& backup, std::string_view status, JsonWriter& json);
// The member BackupDescription.
void render_backup_description(const timetravel::BackupRecord& backup, std::string_view status,
                               JsonWriter& json);

}  // namespace tidemark::api

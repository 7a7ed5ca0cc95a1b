// ARNs of exports and imports: `<table arn>/export/<id>`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/table_lookup.h"

namespace tidemark::api {

// The parsed ARN when `arn` names a job of that kind (`export`, `import`); nothing for any other text.
std::optional<TableArn> parse_job_arn(std::string_view arn, std::string_view kind);

// A page of a list of jobs, newest first. The token is opaque to clients: it holds the id of the last job
// shown.
std::string next_token(std::string_view last_id);
// The id that a token holds; nothing for a token that is not ours.
std::optional<std::string> id_of_token(std::string_view token);

// ValidationException for a TableArn that is none: `… tableArn is not a valid ARN`.
ApiError invalid_table_arn();

// AccessDeniedException `Access is denied`.
ApiError access_denied();

}  // namespace tidemark::api

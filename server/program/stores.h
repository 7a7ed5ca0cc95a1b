// What a server keeps: who may call it, its directory, tables and objects.
#pragma once

#include "base/auth/authority.h"
#include "base/result.h"
#include "server/command_line/serve_config.h"
#include "server/program/parts.h"

namespace tidemark::server {

// Whom S3 takes everybody for in open mode, and whose everything is that was made then: that of the
// credentials file, or one without a name.
auth::Account own_account(const ServeConfig& config, const auth::Authority& authority);

// Fills what `parts` stands on and keeps, and starts the webhook, if there is to be one. The clock goes on
// from the last commit. Errors: of the credentials file, the directory and the stores, one line for the user.
Result<void> open_stores(const ServeConfig& config, ServerParts* parts);

}  // namespace tidemark::server

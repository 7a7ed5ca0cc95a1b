// Global tables over several accounts, of which there are none here: what asks for one is refused.
#pragma once

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"

namespace tidemark::api {

// GlobalTableSettingsReplicationMode
Shape settings_replication_mode();

// Judges GlobalTableSourceArn of CreateTable, and the mode of CreateTable and UpdateTable. A table may ask
// for what it has: a table of one Region replicates no settings (DISABLED), and the replicas of one account
// share theirs but for overrides (ENABLED_WITH_OVERRIDES). ENABLED makes a table ready for replicas in other
// accounts. Errors: ValidationException.
ApiResult<void> check_settings_replication(const Input& input);

}  // namespace tidemark::api

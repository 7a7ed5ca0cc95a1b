// `tidemark healthcheck`: asks a running server whether it is well.
#pragma once

#include "base/result.h"
#include "server/local_client.h"

namespace tidemark::server {

// Waits a few seconds at most. Errors: kUnavailable, saying why.
Result<void> check_health(const ServerAddress& server);

}  // namespace tidemark::server

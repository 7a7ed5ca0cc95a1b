// `tidemark healthcheck`: asks a running server whether it is well.
#pragma once

#include <chrono>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

// Asks again and again until the server is well or `patience` is over; once at least, for a few seconds at
// most. Errors: kUnavailable, saying why it was not at the end.
Result<void> check_health(const ServerAddress& server, std::chrono::seconds patience = {});

}  // namespace tidemark::server

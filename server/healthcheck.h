// `tidemark healthcheck`: asks a running server whether it is well.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tidemark::server {

// Waits a few seconds at most. Unspecified addresses (0.0.0.0, ::) stand for this machine.
// Errors: kUnavailable, saying why.
Result<void> check_health(const std::string& host, std::uint16_t port);

}  // namespace tidemark::server

// The certificate of a server.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "server/command_line/serve_config.h"
#include "server/tls/context.h"

namespace tidemark::server {

// Null where nobody asked for TLS. A certificate of our own making is kept below `data_directory`. Errors:
// one line for the user.
Result<std::unique_ptr<TlsContext>> load_tls(const ServeConfig& config, const std::string& data_directory,
                                             const Clock& wall);

}  // namespace tidemark::server

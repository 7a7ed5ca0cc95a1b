// `tidemark serve`.
#pragma once

#include "server/command_line/serve_config.h"

namespace tidemark::server {

// Serves until a signal says stop. Returns the exit status; what went wrong was printed. Call it once, before
// the process has other threads.
int serve(const ServeConfig& config);

}  // namespace tidemark::server

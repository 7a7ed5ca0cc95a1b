// What the commands of `tidemark` do.
#pragma once

#include "base/log.h"
#include "server/command_line/command.h"

namespace tidemark::server {

// Returns the exit status. What goes wrong is printed in that format.
int run_command(const Command& command, log::Format format);

}  // namespace tidemark::server

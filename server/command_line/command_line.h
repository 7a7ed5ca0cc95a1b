// The command line of `tidemark`: which command, and what it was told by flags, environment, configuration
// file and defaults, in this order of precedence.
#pragma once

#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "server/command_line/command.h"
#include "server/environment.h"

namespace tidemark::server {

// `arguments` without the program's name; `hardware_threads` sets the default of --threads.
// Errors: kInvalidArgument, with one line for the user that names the flag, variable or file concerned.
Result<Command> parse_command_line(const std::vector<std::string>& arguments, const Environment& environment,
                                   unsigned hardware_threads);

// In which form to complain about what parse_command_line() refuses: the log format that the same sources ask
// for, as far as they can be read.
log::Format asked_log_format(const std::vector<std::string>& arguments, const Environment& environment);

// The names of all variables that are settings of some command.
std::vector<std::string> setting_variables();

}  // namespace tidemark::server

// What the program says when it cannot do what it was asked.
#pragma once

#include <string>

#include "base/log.h"

namespace tidemark::server {

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

// Prints one line to standard error, whatever the level of the log, and returns `status`.
int complain(std::string message, log::Format format, int status);

}  // namespace tidemark::server

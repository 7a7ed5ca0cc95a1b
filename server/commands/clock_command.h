// `tidemark clock`: what time it is to a running server, and moving it.
#pragma once

#include <string>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

// What the words behind `tidemark clock` ask for, as the body of a POST; empty for the state alone (no words,
// or `show`). The server judges the values. Errors: kInvalidArgument, one line for the user.
Result<std::string> clock_request(const std::string& action, const std::string& value);

// The state of the clock after the change, one line of JSON. Waits for what becomes due, however long it
// takes. Errors: kUnavailable; kInvalidArgument with the server's sentence.
Result<std::string> run_clock(const ServerAddress& server, const std::string& request);

}  // namespace tidemark::server

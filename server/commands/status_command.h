// `tidemark status`: a running server at a glance.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct StatusConfig {
  ServerAddress server;
  bool json = false;  // print what the server answers
};

// The lines for an answer of `GET /_tidemark/status`. Errors: kUnavailable when it is not understood.
Result<std::vector<std::string>> status_lines(std::string_view answer);

// Prints to `out`. Errors: kUnavailable; kInvalidArgument with the server's sentence.
Result<void> run_status(const StatusConfig& config, std::FILE* out);

}  // namespace tidemark::server

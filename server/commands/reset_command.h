// `tidemark reset`: a running server, or one account of it, begins anew.
#pragma once

#include <cstdio>
#include <string>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct ResetConfig {
  ServerAddress server;
  std::string account;     // empty, as is the next: all accounts
  std::string access_key;  // the account of that key
  bool json = false;       // print what the server answers
};

// Prints to `out` what is gone. Errors: kUnavailable; kInvalidArgument with the server's sentence.
Result<void> run_reset(const ResetConfig& config, std::FILE* out);

}  // namespace tidemark::server

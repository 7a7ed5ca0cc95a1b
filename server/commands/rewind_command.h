// `tidemark rewind`: takes a table of a running server back to what it was.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct RewindConfig {
  ServerAddress server;
  std::string table;
  std::string account;  // empty: the only one that has such a table
  std::string region;
  std::string to;
  std::vector<std::string> keys;  // DynamoDB JSON; empty: all items
  bool no_wait = false;           // for the job to end
  bool json = false;              // print what the server answers
};

// The body of the request. Errors: kInvalidArgument for a key that is no JSON object.
Result<std::string> rewind_request(const RewindConfig& config);

// Begins the rewind and shows its progress until it has ended. As run_job(), and the errors of
// rewind_request().
Result<int> run_rewind(const RewindConfig& config, std::FILE* out, bool is_terminal);

}  // namespace tidemark::server

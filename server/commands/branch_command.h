// `tidemark branch`: makes a table of a running server that begins as another one was.
#pragma once

#include <cstdio>
#include <string>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct BranchConfig {
  ServerAddress server;
  std::string source;
  std::string target;
  std::string account;  // empty: the only one that has such a table
  std::string region;
  std::string as_of;     // empty: now
  bool no_wait = false;  // for the table to be complete
  bool json = false;     // print what the server answers
};

// The body of the request.
std::string branch_request(const BranchConfig& config);

// Begins the branch and shows its progress until the table is ACTIVE. As run_job().
Result<int> run_branch(const BranchConfig& config, std::FILE* out, bool is_terminal);

}  // namespace tidemark::server

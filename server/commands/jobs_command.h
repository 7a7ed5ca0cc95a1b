// `tidemark jobs`: the background jobs of a running server, and how far they are.
#pragma once

#include <cstdio>
#include <string>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct JobsConfig {
  ServerAddress server;
  std::string id;  // empty: a list
  // What a list is limited to; empty: any. The server judges them.
  std::string kind;
  std::string status;
  std::string table;
  std::string limit;
  bool watch = false;   // until none of them runs any more
  bool json = false;    // what the server answers, instead of lines
  bool cancel = false;  // with an id: asks the job to end first
};

// Errors: kInvalidArgument for what cannot go together, one line for the user.
Result<void> check_jobs_config(const JobsConfig& config);

// Prints to `out`; with `is_terminal`, what is watched is drawn again and again on the same lines, otherwise
// it is printed when it is over. The exit status: 1 when the one job that was watched did not complete.
// Errors: kUnavailable; kInvalidArgument with the server's sentence.
Result<int> run_jobs(const JobsConfig& config, std::FILE* out, bool is_terminal);

}  // namespace tidemark::server

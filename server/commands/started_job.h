// Commands that begin a job of a running server, and stay with it to its end.
#pragma once

#include <cstdio>
#include <string>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct JobStart {
  ServerAddress server;
  std::string path;  // of the POST that answers with the job
  std::string body;
  bool no_wait = false;  // print the job, and that is all
  bool json = false;     // print what the server answers
};

// Shows the progress of the job until it has ended. Prints to `out`; returns the exit status: 1 when the job
// failed. Errors: kUnavailable; kInvalidArgument with the server's sentence.
Result<int> run_job(const JobStart& start, std::FILE* out, bool is_terminal);

}  // namespace tidemark::server

// `tidemark seed`, and `tidemark serve --seed`.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "base/result.h"
#include "server/client/local_client.h"
#include "server/client/signed_client.h"
#include "server/seed/seed.h"

namespace tidemark::server {

struct SeedConfig {
  ServerAddress server;
  ClientIdentity identity;
  std::vector<std::string> sources;
  std::vector<std::string> parameters;  // `Stage=dev`
  bool into_existing = false;
};

// Prints to `out` a line for each table. Errors: those of seed(); kInvalidArgument for a parameter.
Result<void> run_seed(const SeedConfig& config, std::FILE* out);

// Asks a service of this process, signing as `identity`. It must outlive what is returned.
CallDynamoDb call_in_process(http::Service& dynamodb, ClientIdentity identity);

}  // namespace tidemark::server

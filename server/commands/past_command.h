// `tidemark as-of`, `tidemark history` and `tidemark diff`: looking back at a table of a running server.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct PastConfig {
  enum class Kind : std::uint8_t { kAsOf, kHistory, kDiff };
  Kind kind = Kind::kAsOf;
  ServerAddress server;
  std::string table;
  std::string account;  // empty: the only one that has such a table
  std::string region;
  std::string from;  // or the one time there is
  std::string to;    // empty: now
  std::string key;   // DynamoDB JSON; empty: all items
  bool json = false;
};

// The path and query that the command asks for.
std::string path_of(const PastConfig& config);

// What is printed for a line of the server's answer, with its line ends.
std::string shown_version(std::string_view line);
std::string shown_change(std::string_view line);

// Prints to `out` while it comes. Errors: kUnavailable; kInvalidArgument with the server's sentence.
Result<void> run_past(const PastConfig& config, std::FILE* out);

}  // namespace tidemark::server

// `tidemark tables`: what the tables of a running server take on disk.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct TablesConfig {
  ServerAddress server;
  std::string table;  // empty: all
  bool json = false;  // what the server answers, instead of lines
};

// The lines for an answer of `GET /_tidemark/tables`: a line for each table, one for each of its indexes, one
// for each that is gone. Errors: kUnavailable when it is not understood.
Result<std::vector<std::string>> table_lines(std::string_view answer);

// Prints to `out`. Errors: kUnavailable; kInvalidArgument with the server's sentence.
Result<void> run_tables(const TablesConfig& config, std::FILE* out);

}  // namespace tidemark::server

// `tidemark bill`: what AWS would have charged for what a running server was used for.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct BillConfig {
  ServerAddress server;
  std::string action;  // empty: the bill; mark, unmark, marks, export-or-scan
  std::string name;    // of the mark, or of the table
  // What the bill is limited to; empty: all there is. The server judges them.
  std::string since;
  std::string until;
  std::string label;
  std::string account;
  std::string region;       // of the table
  std::string prices_file;  // empty: those of the server
  std::optional<double> max_usd = std::nullopt;
  std::size_t lines = 20;
  bool json = false;  // what the server answers, instead of lines
};

// Errors: kInvalidArgument for what cannot go together, one line for the user.
Result<void> check_bill_config(const BillConfig& config);

// The lines for an answer of `GET /_tidemark/bill`, and for one of `/_tidemark/bill/export-or-scan`. Errors:
// kUnavailable when it is not understood.
Result<std::vector<std::string>> bill_lines(std::string_view answer, std::size_t lines_max);
Result<std::vector<std::string>> comparison_lines(std::string_view answer);

// Prints to `out`. The exit status: 1 when the bill is above max_usd, with its five dearest lines. Errors:
// kUnavailable; kInvalidArgument with the server's sentence, or what is wrong with the prices.
Result<int> run_bill(const BillConfig& config, FileSystem& files, std::FILE* out);

}  // namespace tidemark::server

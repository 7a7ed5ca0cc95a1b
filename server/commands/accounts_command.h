// `tidemark accounts`: writes the credentials file of a server (docs/authentication.md) for a class.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct AccountsConfig {
  ServerAddress server;  // what the hand-outs name
  std::string action;    // `add` or `list`
  std::vector<std::string> names;
  std::size_t count = 0;  // with one name: so many, numbered from that name on; 0: the names themselves
  std::string file = "./credentials";
  std::string region = "us-east-1";
};

// `student01` and 3: student01, student02, student03. A name without a number begins with 01. Errors:
// kInvalidArgument, one line for the user.
Result<std::vector<std::string>> account_names(const std::vector<std::string>& names, std::size_t count);

// `add`: a profile for each name, each an account of its own with a key of its own, behind what the file has
// already; prints what each has to set. The file is made when it is missing, and readable for its owner
// alone. Nothing is written when one of the names is there already. `list`: prints names, access keys and
// accounts. Errors: kInvalidArgument, naming the file and perhaps its line; kIo.
Result<void> run_accounts(const AccountsConfig& config, FileSystem& files, Random& random, std::FILE* out);

}  // namespace tidemark::server

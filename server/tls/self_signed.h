// A certificate for development, and the authority that signed it, for clients to trust.
//
// The authority signs this one certificate; then its key is forgotten. So whoever trusts it trusts nothing
// but this server.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace tidemark::server {

struct SelfSignedFiles {
  std::string authority;  // what clients trust, in PEM
  std::string chain;      // what the server shows
  std::string key;        // readable by its owner alone
};

// Files of these names in `directory`: what an earlier start left there, if it is for the same names and does
// not end within a month, or fresh ones, valid for a year. `names` are DNS names and addresses; at least one.
// Errors: kInvalidArgument for a name that is none; kIo.
Result<SelfSignedFiles> self_signed_files(const std::string& directory, const std::vector<std::string>& names,
                                          FileSystem& files, Timestamp now);

}  // namespace tidemark::server

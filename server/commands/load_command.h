// `tidemark load`: makes a table of a running server of an AWS export and the incremental ones that follow
// it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/net/s3_endpoint.h"
#include "base/result.h"
#include "server/client/local_client.h"
#include "server/client/signed_client.h"

namespace tidemark::server {

struct LoadConfig {
  ServerAddress server;
  ClientIdentity identity;
  // Each as `tidemark apply` takes it: a full export and any chain of increments on it, or increments alone,
  // in any order (export_chain.h).
  std::vector<std::string> sources;
  std::optional<S3Endpoint> elsewhere;  // where `s3://` is; nothing: in the server
  std::string table;
  std::string key;       // `pk:S,sk:N`; empty: as the keys of an increment are
  std::string mask;      // see Mask
  std::string mask_key;  // empty: one of this run alone
  bool into_existing = false;
};

struct Loaded {
  std::uint64_t puts = 0;
  std::uint64_t deletes = 0;
  std::vector<std::string> left_out;  // a sentence for each export that had nothing to add
  std::string key;                    // of the table that was made: `pk:S,sk:N`; empty: it was there
};

// Everything is read, and checked against manifests and sums, before anything is written or made.
// Errors: as apply_export() and chain_of(); kInvalidArgument for a key that cannot be known; kAlreadyExists
// when the table is there.
Result<Loaded> load_exports(const LoadConfig& config, FileSystem& files);

// Prints what was done to `out`.
Result<void> run_load(const LoadConfig& config, std::FILE* out);

}  // namespace tidemark::server

// `tidemark apply`: applies an incremental export to a table of a running server, or backs it out.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/net/s3_endpoint.h"
#include "base/result.h"
#include "server/client/local_client.h"
#include "server/client/signed_client.h"

namespace tidemark::server {

struct ApplyConfig {
  ServerAddress server;
  ClientIdentity identity;
  // A folder on this machine, or `s3://bucket/key` in the server's S3: `…/AWSDynamoDB/<export id>`, or the
  // manifest-summary.json in it.
  std::string source;
  std::optional<S3Endpoint> elsewhere;  // where `s3://` is; nothing: in the server
  std::string table;
  bool reverse = false;
};

struct Applied {
  std::uint64_t puts = 0;
  std::uint64_t deletes = 0;
  // The images were no whole items: what the export took of them, where the server knows it.
  std::optional<std::string> projection;
};

// Puts every new image and deletes what has none; in reverse, every old image. Doing it twice does no more
// than once. An item that was written since is overwritten, too. Errors: kNotFound, kInvalidArgument when the
// source is no incremental export, or has no old images to go back to, or images without their keys, as a
// projection makes them; kCorruption when its data is not what its manifests say, or an item is none for the
// table; and then nothing has been written; kUnavailable, or the words of the server, which leave what was
// written until then.
Result<Applied> apply_export(const ApplyConfig& config, FileSystem& files);

// Prints what was done to `out`.
Result<void> run_apply(const ApplyConfig& config, std::FILE* out);

}  // namespace tidemark::server

// `tidemark dump`: writes an export of a table of a running server to a folder on this machine.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "base/file.h"
#include "base/random.h"
#include "base/result.h"
#include "server/client/local_client.h"
#include "server/client/signed_client.h"

namespace tidemark::server {

struct DumpConfig {
  ServerAddress server;
  ClientIdentity identity;
  std::string table;
  std::string folder;                       // gets, or has, an `AWSDynamoDB`
  std::string time;                         // of a full export; empty: now
  std::string from;                         // of an incremental export; empty: a full one
  std::string to;                           // the same; empty: now
  std::string format = "json";              // or `ion`
  std::string view = "NEW_AND_OLD_IMAGES";  // of an incremental export, or NEW_IMAGE
};

struct Dumped {
  std::uint64_t records = 0;
  std::string folder;  // of the export: `<folder>/AWSDynamoDB/<export id>`
};

// What stands where, and in the files, is as ExportTableToPointInTime has it (transfer/manifest.h), but for
// the bucket, which the summary gives as an empty text. A full export is exact to the millisecond; of the
// present it needs no history. A window is of any length and has whole seconds. The manifests come last;
// where one is missing the rest is removed, also when a signal ends the process (unfinished_files.h). Times
// are the server's. Errors: kInvalidArgument, with the words of the server or about the settings;
// kUnavailable; those of the file system.
Result<Dumped> dump_table(const DumpConfig& config, FileSystem& files, Random& random);

// Prints what was done to `out`.
Result<void> run_dump(const DumpConfig& config, std::FILE* out);

}  // namespace tidemark::server

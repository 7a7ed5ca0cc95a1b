// Fills a new table from the objects under a prefix, with the rights of the account that asked for the
// import.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "s3emu/access/job_access.h"
#include "s3emu/store/object_store.h"
#include "storage/engine.h"
#include "transfer/failure.h"
#include "transfer/import_record.h"

namespace tidemark::transfer {

struct ImportJobContext {
  storage::Engine& engine;
  s3emu::ObjectStore& objects;
  s3emu::JobAccess& access;
  FileSystem& files;
  Clock& clock;
  Random& random;
  std::string error_log_directory;
  int workers = 4;  // threads that read objects
};

inline constexpr std::size_t kImportObjectsMax = 50'000;

// Reads every object under the prefix in parallel, checks each item as PutItem would, bulk-loads the good
// ones. The record comes back with its counters and, when items were refused, failed with
// ItemValidationError: the table then holds the good items. The table stays CREATING; `save` is called with
// the final counters just before the data becomes part of it. Errors: the failure that leaves no table
// (NoSuchBucket …); kInterruptedCode when stopped.
JobResult<ImportRecord> run_import(ImportRecord record, const ImportJobContext& context,
                                   const std::stop_token& stop,
                                   const std::function<Result<void>(const ImportRecord&)>& save);

}  // namespace tidemark::transfer

// Fills a new table from the objects under a prefix, with the rights of the account that asked for the
// import.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "jobs/job_outcome.h"
#include "jobs/job_progress.h"
#include "jobs/job_stop.h"
#include "storage/engine.h"
#include "transfer/bucket/bucket.h"
#include "transfer/import_record.h"

namespace tidemark::transfer {

struct ImportJobContext {
  storage::Engine& engine;
  Buckets& buckets;
  FileSystem& files;
  Clock& clock;
  Random& random;
  std::string error_log_directory;
  int workers = 4;  // threads that read objects
};

// Called once, just before the data becomes part of the table, with the record as it will end.
using SaveLoaded = std::function<Result<void>(const ImportRecord&)>;

// Reads every object under the prefix in parallel, checks each item as PutItem would, bulk-loads the good
// ones. `progress` has a part for each object. The record comes back with its totals and, when items were
// refused, failed with ItemValidationError: the table then holds the good items. The table stays CREATING.
// What an earlier process had read of the import is not read again, but for what it read last.
// Errors: the failure that leaves no table (S3NoSuchBucket …).
jobs::JobResult<ImportRecord> run_import(ImportRecord record, const ImportJobContext& context,
                                         const jobs::JobStop& stop, jobs::JobProgress& progress,
                                         const SaveLoaded& save_loaded);

// The end of an import whose totals are final.
void set_outcome(Timestamp now, ImportRecord* record);

}  // namespace tidemark::transfer

// Puts the items of the objects under a prefix into a table that is in use, with the rights of the account
// that asked for it: each as PutItem would, so that indexes, streams and history see it, in transactions of
// some dozens.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "jobs/job_outcome.h"
#include "jobs/job_progress.h"
#include "jobs/job_stop.h"
#include "s3emu/access/job_access.h"
#include "s3emu/store/object_store.h"
#include "storage/engine.h"
#include "transfer/bulk_record.h"
#include "transfer/put_condition.h"

namespace tidemark::transfer {

struct BulkJobContext {
  storage::Engine& engine;
  s3emu::ObjectStore& objects;
  s3emu::JobAccess& access;
  FileSystem& files;
  Clock& clock;
  Random& random;
  const CompilePutCondition& compile_condition;
  std::string report_directory;
  int workers = 4;  // threads that read objects
};

// Goes on where an earlier attempt was cut off. `progress` has a part for each object. The record comes back
// with its totals; the reports are in the bucket then. Errors: the failure of the whole operation; what was
// put before stays.
jobs::JobResult<BulkRecord> run_bulk(BulkRecord record, const BulkJobContext& context,
                                     const jobs::JobStop& stop, jobs::JobProgress& progress);

}  // namespace tidemark::transfer

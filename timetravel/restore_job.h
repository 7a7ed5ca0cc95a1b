// Fills a new table with the items of another one as they were at a moment.
#pragma once

#include <functional>

#include "jobs/job_outcome.h"
#include "jobs/job_progress.h"
#include "jobs/job_stop.h"
#include "storage/engine.h"
#include "timetravel/restore_record.h"

namespace tidemark::timetravel {

struct RestoreJobContext {
  storage::Engine& engine;
  int workers = 4;  // threads that copy partitions
};

// Called once, just before the data becomes part of the table, with the totals in the record.
using SaveLoaded = std::function<Result<void>(const RestoreRecord&)>;

// Copies the partitions of the source in parallel, in constant memory: items come sorted, as the new table
// wants them. Somebody must hold the source's history from the record's moment on. `progress` has a part for
// each partition. The table stays CREATING, the record in progress. Errors: the failure that leaves no table.
jobs::JobResult<RestoreRecord> run_restore(RestoreRecord record, const RestoreJobContext& context,
                                           const jobs::JobStop& stop, jobs::JobProgress& progress,
                                           const SaveLoaded& save_loaded);

}  // namespace tidemark::timetravel

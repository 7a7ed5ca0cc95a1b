// Takes a table, or some of its items, back to what they were.
#pragma once

#include "base/clock.h"
#include "jobs/job_outcome.h"
#include "jobs/job_progress.h"
#include "jobs/job_stop.h"
#include "storage/engine.h"
#include "timetravel/rewind_record.h"

namespace tidemark::timetravel {

// Writes what changed between the two moments of the record back, a few items in a commit, under their locks:
// to indexes, streams and the history these are writes like others, with an origin of their own, and can be
// taken back in turn. An item that somebody writes meanwhile stays as he wrote it; so may the job begin anew
// after a restart. Somebody must hold the history from the record's moment on. Items that today's indexes do
// not allow stay as they are and are counted as errors. Where the disk is full it is postponed: it can be
// begun anew, and finds done what was done.
jobs::JobResult<RewindRecord> run_rewind(RewindRecord record, storage::Engine& engine, Clock& clock,
                                         const jobs::JobStop& stop, jobs::JobProgress& progress);

}  // namespace tidemark::timetravel

// A job as /_tidemark/jobs shows it.
#pragma once

#include <memory>

#include "base/json_writer.h"
#include "jobs/job_progress.h"
#include "jobs/job_record.h"

namespace tidemark::admin {

// One object. `progress` is null for a job that ended long ago, or before the last start: then its totals are
// shown. With `with_parts` also each partition, or object, of the job.
//
//   {"id":…,"kind":"export","status":"IN_PROGRESS","table":"T","table_arn":…,"arn":…,"account_id":…,
//    "region":…,"started":"2026-01-01T00:00:00.123Z","ended":…,"phase":"exporting","items":1,"bytes":2,
//    "files":3,"errors":0,"measure":"items","done":1,"total":4,"failure":{"code":…,"message":…},
//    "error_log":"/data/…","parts":[{"name":"partition 1","state":"RUNNING","items":…,"bytes":…,"files":…,
//    "errors":…,"done":…,"total":…}]}
//
// A part is WAITING, RUNNING or DONE; of a job that failed or was cancelled also STOPPED (begun, and not
// done) or SKIPPED (never begun).
//
// A restore that somebody asked for as a branch says so: `"operation":"branch"` beside its kind.
//
// What is not known is left out: `ended` of a job that runs, `failure` of one that did not fail, `total` (and
// with it `done` and `measure`) where nobody knows how much there is to do, `error_log` without errors.
void write_job(const jobs::JobRecord& record, const jobs::JobProgress* progress, bool with_parts,
               JsonWriter& json);

}  // namespace tidemark::admin

// `POST /_tidemark/tables/{name}/branch {"target":"…"}`: makes a table that begins as this one was.
//
//   {"target":"Orders-fix"}                            with everything that was written until now
//   {"target":…,"asOf":"2026-01-01T12:00:00.123456Z"}  as it was at that moment
//
// A moment as in admin/past.h, a table likewise, `account` and `region` beside `target`; the new one is
// theirs, too. Answers 202 with the job (job_json.h) that fills it, a restore: the table is CREATING until it
// is complete. 400 with a sentence for a wrong member or a moment out of reach; 404; 409 when there is a
// table of the name, the source is not ready, or too many restores run.
#pragma once

#include <vector>

#include "admin/route.h"
#include "base/clock.h"
#include "base/random.h"
#include "storage/engine.h"
#include "timetravel/restore_jobs.h"

namespace tidemark::admin {

// All must outlive the routes.
std::vector<Route> branch_routes(storage::Engine& engine, timetravel::RestoreJobs& restores, Clock& clock,
                                 Random& random);

}  // namespace tidemark::admin

// `POST /_tidemark/tables/{name}/rewind {"to":"…Z"}`: takes a table back to what it was, in place.
//
//   {"to":"2026-01-01T12:00:00Z"}          everything that changed since
//   {"to":…,"keys":[{"pk":{"S":"a"}},…]}   these items alone, by their keys, a thousand at most
//
// A moment as in admin/past.h, a table likewise, `account` and `region` beside `to`. Answers 202 with the job
// (job_json.h) that does it; 400 with a sentence for a wrong member or a moment out of reach; 404; 409 when
// the table is not ACTIVE or is being taken back already. What is written meanwhile stays. The way back is
// another rewind, to a moment before this one.
#pragma once

#include <vector>

#include "admin/route.h"
#include "storage/engine.h"
#include "timetravel/rewind_jobs.h"

namespace tidemark::admin {

// Both must outlive the routes.
std::vector<Route> rewind_routes(storage::Engine& engine, timetravel::RewindJobs& rewinds);

}  // namespace tidemark::admin

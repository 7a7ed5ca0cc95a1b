// `/_tidemark/jobs`: exports, imports and whatever else works in the background, of all accounts.
//
//   GET    /_tidemark/jobs        {"jobs":[…],"next":"<id>"}: a page, newest first; `next` when there is more
//                                 ?kind=export &status=FAILED &table=<name or ARN> &limit=100 &before=<id>
//   GET    /_tidemark/jobs/<id>   one job, with its parts; 404
//   DELETE /_tidemark/jobs/<id>   asks it to end: 202 and the job; 409 when it has ended; 404
//   POST   /_tidemark/jobs/next   {"kind":"export","fail":"S3AccessDenied","after_files":2}: the next job of
//   the
//                                 kind (export, import) that begins fails with this code when it has written,
//                                 or read, so many files; one that has no more of them, at its end. 202 and
//                                 the same; each call is good for one job, until the server ends
//
// job_json.h says what a job looks like. An unknown parameter or value is answered with 400.
#pragma once

#include <vector>

#include "admin/route.h"
#include "jobs/job_registry.h"

namespace tidemark::admin {

// `registry` must outlive the routes.
std::vector<Route> job_routes(jobs::JobRegistry& registry);

}  // namespace tidemark::admin

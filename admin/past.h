// Looking back at a table without a restore: items as they were, the versions of one item, what changed.
//
//   GET /_tidemark/tables/{name}/as-of?time=…          the items at that moment, a line of DynamoDB JSON each
//                                     &key=…           that item alone; 404 when it was not there
//   GET /_tidemark/tables/{name}/as-of                 the items as they are now; no history is needed. The
//                                                      field X-Tidemark-As-Of of the answer is the moment
//   GET /_tidemark/tables/{name}/history?key=…         the versions of an item, the oldest first
//       version := {"time":"…Z","by":"client","item":{…}}, the item null where it was deleted
//   GET /_tidemark/tables/{name}/diff?from=…&to=…      what distinguishes two moments, by item
//                                     &unchanged=true  and what was written in between, but is as it was
//       change := {"key":{…},"old":{…},"new":{…},"time":"…Z","by":"client"}, old or new null where there was
//                 no item; `time` and `by` are those of the last write in between
//
// A moment is a date, or seconds since 1970, with any fraction; `to` may be left out, for now.
// A key is DynamoDB JSON. `by` is client, ttl, import, bulk-put, restore, rewind, replication, or unknown.
// The table is the only one of its name, or that of `account` and `region`. Answers are lines of JSON, made
// while they are sent, whatever their number; one that fails in the middle is cut short. Errors are told as
// everywhere below /_tidemark/: 400 with a sentence for a wrong parameter or a moment out of reach, 404 for
// no such table.
#pragma once

#include <vector>

#include "admin/route.h"
#include "base/clock.h"
#include "storage/engine.h"

namespace tidemark::admin {

// Both must outlive the routes and the answers.
std::vector<Route> past_routes(storage::Engine& engine, const Clock& clock);

}  // namespace tidemark::admin

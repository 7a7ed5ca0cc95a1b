// `/_tidemark/tables/{name}/activity`: how much was written to a table, when, and by whom.
//
//   GET ?from=… &to=… &points=360   {"from":"…Z","to":"…Z","earliest":"…Z","step_seconds":60,
//                                    "writes":{"client":[3,0,12],"ttl":[0,1,0]}}, a number a step
//
// Moments as in admin/past.h; without them the window is all of the history there is, until now. `points`, 1
// to 2000, is how many steps there are at most; a step is a whole number of seconds, and of minutes where it
// is longer than one. `writes` has those who wrote. The history counts: what was written while nobody kept it
// does not, and what is older than a day is one change of an item and second. `account` and `region` choose
// among tables of one name.
#pragma once

#include <vector>

#include "admin/route.h"
#include "base/clock.h"
#include "storage/engine.h"

namespace tidemark::admin {

// Both must outlive the routes.
std::vector<Route> activity_routes(storage::Engine& engine, const Clock& clock);

}  // namespace tidemark::admin

// `/_tidemark/tables`: what the tables of all accounts hold, and what that takes on disk.
//
//   GET  {"tables":[…],"gone":[…],"next":7}   a page, oldest first; `next` when there is more
//        ?table=<name> &limit=1000 &after=<next of the page before>
//
//   a table := {"name":"T","id":1,"account_id":…,"region":…,"status":"ACTIVE","items":2,"size_bytes":200,
//               "state_bytes":4096,"history_bytes":0,"recovery":false,
//               "indexes":[{"name":"byState","id":2,"status":"ACTIVE","items":2,"size_bytes":150,
//                           "state_bytes":4096}],
//               "held_by":["export/arn:…"]}
//   gone    := {"id":3,"history_bytes":512,"held_by":[…],"awaits_cleaning":false}
//
// `items` and `size_bytes` are exact, counted as the service counts; `state_bytes` and `history_bytes` are
// about what files take, compressed, and memory beside them. `held_by` names the holds on the past of the
// table (storage/holds.h). `gone`, on the first page of all tables alone, lists the ids of tables and indexes
// that were deleted and still take space. An unknown parameter or value is answered with 400.
#pragma once

#include <vector>

#include "admin/route.h"
#include "storage/engine.h"

namespace tidemark::admin {

// `engine` must outlive the routes.
std::vector<Route> table_routes(storage::Engine& engine);

}  // namespace tidemark::admin

// `/_tidemark/bill`: what AWS would have charged for what was used (docs/bill.md).
//
//   GET  /_tidemark/bill?since=MARK&until=MARK&label=NAME&account=ID&limit=N
//   POST /_tidemark/bill?…                                with other prices as the body (charges.h), as JSON
//     200 {"estimate":…,"prices":{…},"since":{"time":"…Z"},"until":{"time":"…Z"},"usd":0.012,
//          "line_count":2,"lines":[{"service":"dynamodb","account":…,"region":…,"resource":"orders",
//          "operation":"PutItem","charge":"write-request-units","quantity":3.0,"unit":"unit","usd":…}],
//          "labels":[{"label":"nightly","usd":…}]}
//       since: the start, or the last reset. With a label, requests and jobs that carried it alone: what
//       passing time costs belongs to nobody. A label is read as that of a request is (label_text()).
//       `limit` is for lines, the dearest first; `labels` are the dearest, too, a hundred at most.
//   GET  /_tidemark/bill/export-or-scan?table=NAME&account=ID&region=NAME     (POST: as above)
//   GET  /_tidemark/bill/marks
//   POST /_tidemark/bill/marks/{name}      sets the mark, or sets it anew
//   DELETE /_tidemark/bill/marks/{name}
//
// 400 with a sentence for a wrong parameter, 404 for a mark or a table that is not there and for a label that
// no request carried since the process began, 409 for one mark too many. With --auth strict for callers on
// the server's own machine alone.
#pragma once

#include <optional>
#include <vector>

#include "admin/bill/charges.h"
#include "admin/bill/ledger.h"
#include "admin/route.h"

namespace tidemark::admin {

struct BillParts {
  Ledger& ledger;
  storage::Engine& engine;
  Prices prices;
  std::optional<double> limit_usd = std::nullopt;  // told in the answer
};

// What the parts refer to must outlive the routes.
std::vector<Route> bill_routes(BillParts parts);

}  // namespace tidemark::admin

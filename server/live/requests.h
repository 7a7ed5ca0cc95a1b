// `GET /_tidemark/requests`: the requests that DynamoDB and S3 answer, as they come.
//
//   ?after=<next of the answer before>   {"requests":[…],"next":17,"lost":0}, at most 200, the oldest first
//
//   a request :=
//   {"number":17,"time":"…Z","ms":0.4,"service":"dynamodb","operation":"PutItem","method":"POST",
//                 "target":"/","status":200,"error":"…","peer":"127.0.0.1","console":false,"request_id":"…",
//                 "request":"{…}","request_bytes":97,"answer":"{}","answer_bytes":2}
//
// The first call has them kept from then on; they are kept until nobody has asked for 15 seconds: the last
// thousand, and 8 MB, at most, and of those that come in a tenth of a second the first hundred. Of bodies the
// first 16 KB are shown, as far as they are text and in memory. `lost` counts those between `after` and
// `next` that are not in the answer. What is below /_tidemark/ itself is not shown.
#pragma once

#include <vector>

#include "admin/route.h"
#include "server/live/request_ring.h"

namespace tidemark::server {

// `ring` must outlive the routes.
std::vector<admin::Route> request_routes(RequestRing& ring);

}  // namespace tidemark::server

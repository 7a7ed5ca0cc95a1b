// `/_tidemark/clock`: what time it is to the service, and moving it.
//
//   GET                                    {"now":"…Z","wall":"…Z","offset":"P34D","frozen":false,"rate":1.0}
//   POST {"advance":"P34D"}                moves time forward: everything that is due by then happens, in the
//                                          order of its times, before the answer
//   POST {"set":"2026-01-01T00:00:00Z"}    the same, to a time that is not before now
//   POST {"freeze":true|false}             time stands still, or goes on
//   POST {"rate":60}                       a minute passes in a second
//   GET /_tidemark/clock/due               {"due":[{"task":"time to live","time":"…Z","every":"PT1S",
//                                          "has_work":true}]}: what happens next, the hundred soonest tasks
//                                          (Schedule::due()); `every` of what happens again and again
//
// Members may come together, but for `advance` and `set`: the move comes first, then rate and freeze. Answers
// what GET does, or 400 and changes nothing; the clock ends at ServiceClock::kLatest.
#pragma once

#include <functional>
#include <vector>

#include "admin/route.h"
#include "base/schedule.h"
#include "base/service_clock.h"

namespace tidemark::admin {

// `moved` is called at the end of every move, before its answer, to keep for the next start what time it is.
// Both others must outlive the routes.
std::vector<Route> clock_routes(ServiceClock& clock, Schedule& schedule, std::function<void()> moved);

}  // namespace tidemark::admin

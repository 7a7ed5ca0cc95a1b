// Work of one job on several threads, in the background (base/background_threads.h).
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

#include "base/result.h"

namespace tidemark::jobs {

// Calls task(0) … task(count - 1), on up to `threads` background threads, and waits for all. No further
// task begins after one has failed or `stop` was requested. Returns the first error; kUnavailable when
// stopped.
Result<void> run_parallel(std::size_t count, int threads, const std::stop_token& stop,
                          const std::function<Result<void>(std::size_t)>& task);

}  // namespace tidemark::jobs

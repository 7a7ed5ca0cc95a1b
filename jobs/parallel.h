// Work of one job on several threads, at low priority, so that live traffic does not feel it.
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

#include "base/result.h"

namespace tidemark::jobs {

// The calling thread gives way to others, for good. Where the system refuses (a sandbox), nothing happens.
void lower_thread_priority();

// Calls task(0) … task(count - 1), on up to `threads` threads of low priority, and waits for all. No further
// task begins after one has failed or `stop` was requested. Returns the first error; kUnavailable when
// stopped.
Result<void> run_parallel(std::size_t count, int threads, const std::stop_token& stop,
                          const std::function<Result<void>(std::size_t)>& task);

}  // namespace tidemark::jobs

// Runs export and import jobs in the background, at low priority, so that live traffic does not feel them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/result.h"

namespace tidemark::transfer {

// Thread-safety: submit() may be called concurrently.
class JobRunner {
 public:
  using Job = std::function<void(std::stop_token)>;

  static constexpr std::size_t kQueuedJobsMax = 300;  // the service's limit of export tasks at a time

  // `jobs_at_once` jobs run at the same time, the others wait in order.
  explicit JobRunner(int jobs_at_once);
  // Asks running jobs to stop, waits for them and forgets those that have not begun.
  ~JobRunner();

  // Errors: kConflict when too many jobs wait.
  Result<void> submit(Job job);

 private:
  void work(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Job> queue_;              // guarded by mutex_
  std::vector<std::jthread> threads_;  // last: they use what is above
};

// Calls task(0) … task(count - 1), on up to `threads` threads of low priority, and waits for all. No further
// task begins after one has failed or `stop` was requested. Returns the first error; kUnavailable when
// stopped.
Result<void> run_parallel(std::size_t count, int threads, const std::stop_token& stop,
                          const std::function<Result<void>(std::size_t)>& task);

}  // namespace tidemark::transfer

#include "transfer/job_runner.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>

namespace tidemark::transfer {
namespace {

constexpr int kBackgroundNice = 10;

// Priorities are per thread on Linux. A refusal (a sandbox) costs only politeness.
void lower_thread_priority() {
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kBackgroundNice));
}

}  // namespace

JobRunner::JobRunner(int jobs_at_once) {
  for (int i = 0; i < jobs_at_once; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

JobRunner::~JobRunner() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

Result<void> JobRunner::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kQueuedJobsMax) return fail(Error::conflict("too many export and import jobs"));
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return {};
}

void JobRunner::work(const std::stop_token& stop) {
  lower_thread_priority();
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      if (stop.stop_requested()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job(stop);
  }
}

Result<void> run_parallel(std::size_t count, int threads, const std::stop_token& stop,
                          const std::function<Result<void>(std::size_t)>& task) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  std::optional<Error> first_error;  // guarded by mutex

  const auto work = [&] {
    lower_thread_priority();
    while (!failed.load() && !stop.stop_requested()) {
      const std::size_t position = next.fetch_add(1);
      if (position >= count) return;
      if (auto result = task(position); !result) {
        failed.store(true);
        const std::lock_guard lock(mutex);
        if (!first_error) first_error = std::move(result).error();
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    const auto wanted = std::min(count, static_cast<std::size_t>(std::max(threads, 1)));
    for (std::size_t i = 0; i < wanted; ++i) workers.emplace_back(work);
  }
  if (first_error) return fail(*std::move(first_error));
  if (stop.stop_requested()) return fail(Error::unavailable("stopped"));
  return {};
}

}  // namespace tidemark::transfer

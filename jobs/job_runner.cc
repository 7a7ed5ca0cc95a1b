#include "jobs/job_runner.h"

#include <algorithm>
#include <utility>

#include "jobs/parallel.h"

namespace tidemark::jobs {

JobRunner::JobRunner(int jobs_at_once) {
  for (int i = 0; i < jobs_at_once; ++i) threads_.emplace_back([this] { work(); });
}

JobRunner::~JobRunner() { stop(); }

Result<void> JobRunner::submit(std::string id, Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return fail(Error::unavailable("the server is shutting down"));
    if (queue_.size() >= kQueuedJobsMax) return fail(Error::conflict("too many jobs wait"));
    queue_.push_back({std::move(id), std::move(job)});
  }
  changed_.notify_all();
  return {};
}

bool JobRunner::cancel(std::string_view id) {
  Waiting cancelled;
  JobStop stop;
  {
    const std::lock_guard lock(mutex_);
    if (const auto running = running_.find(id); running != running_.end()) {
      running->second.cancel();
      return true;
    }
    const auto waiting =
        std::find_if(queue_.begin(), queue_.end(), [&](const Waiting& job) { return job.id == id; });
    if (waiting == queue_.end()) return false;
    cancelled = std::move(*waiting);
    queue_.erase(waiting);
    JobStopSource& source = running_[cancelled.id];
    source.cancel();
    stop = source.stop();
  }
  // It only cleans up. Behind long jobs it would wait for hours to do so.
  run(std::move(cancelled), stop);
  return true;
}

void JobRunner::work() {
  lower_thread_priority();
  while (true) {
    Waiting next;
    JobStop stop;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      next = std::move(queue_.front());
      queue_.pop_front();
      stop = running_[next.id].stop();
    }
    run(std::move(next), stop);
  }
}

void JobRunner::run(Waiting job, const JobStop& stop) {
  job.job(stop);
  job.job = {};  // what it owns goes before anybody may believe that it is over
  {
    const std::lock_guard lock(mutex_);
    running_.erase(job.id);
  }
  changed_.notify_all();
}

void JobRunner::stop() {
  std::deque<Waiting> forgotten;  // destroyed without the lock
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    forgotten.swap(queue_);
    for (auto& [id, source] : running_) source.interrupt();
  }
  changed_.notify_all();
  const std::lock_guard joining(join_mutex_);
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  // Those that cancel() runs on the threads of its callers.
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return running_.empty(); });
}

}  // namespace tidemark::jobs

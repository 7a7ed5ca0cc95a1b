#include "jobs/job_runner.h"

#include <algorithm>
#include <utility>

#include "base/background_threads.h"

namespace tidemark::jobs {

JobRunner::JobRunner(int jobs_at_once) {
  for (int i = 0; i < jobs_at_once; ++i) threads_.emplace_back([this] { work(); });
}

JobRunner::~JobRunner() { stop(); }

Result<void> JobRunner::submit(std::string id, Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return fail(Error::unavailable("the server is shutting down"));
    if (queue_.size() + parked_.size() >= kQueuedJobsMax) return fail(Error::conflict("too many jobs wait"));
    queue_.push_back({std::move(id), std::move(job)});
  }
  changed_.notify_all();
  return {};
}

void JobRunner::park(const std::string& id, Job rest) {
  const std::lock_guard lock(mutex_);
  parked_.insert_or_assign(id, std::move(rest));
}

void JobRunner::release(std::string_view id) {
  {
    const std::lock_guard lock(mutex_);
    if (running_.contains(id) || is_queued(id)) {
      released_.emplace(id);
      return;
    }
    const auto parked = parked_.find(id);
    if (parked == parked_.end()) return;
    queue_.push_front({parked->first, std::move(parked->second)});
    parked_.erase(parked);
  }
  changed_.notify_all();
}

void JobRunner::wait_for(std::string_view id, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stop.stop_requested() || !is_there(id); });
}

bool JobRunner::wait_until(std::string_view id, std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [&] { return !is_there(id); });
}

bool JobRunner::is_there(std::string_view id) const {
  return running_.contains(id) || is_queued(id) || parked_.contains(id);
}

bool JobRunner::is_queued(std::string_view id) const {
  return std::any_of(queue_.begin(), queue_.end(), [id](const Waiting& job) { return job.id == id; });
}

std::optional<JobRunner::Waiting> JobRunner::take_waiting(std::string_view id) {
  std::optional<Waiting> taken;
  const auto waiting =
      std::find_if(queue_.begin(), queue_.end(), [id](const Waiting& job) { return job.id == id; });
  if (waiting != queue_.end()) {
    taken = std::move(*waiting);
    queue_.erase(waiting);
  } else if (const auto parked = parked_.find(id); parked != parked_.end()) {
    taken = Waiting{parked->first, std::move(parked->second)};
    parked_.erase(parked);
  }
  return taken;
}

bool JobRunner::cancel(std::string_view id) {
  std::optional<Waiting> cancelled;
  JobStop stop;
  {
    const std::lock_guard lock(mutex_);
    if (const auto running = running_.find(id); running != running_.end()) {
      running->second.cancel();
      return true;
    }
    cancelled = take_waiting(id);
    if (!cancelled) return false;
    JobStopSource& source = running_[cancelled->id];
    source.cancel();
    stop = source.stop();
  }
  // It only cleans up. Behind long jobs it would wait for hours to do so.
  run(*std::move(cancelled), stop);
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
    // What the job does beside its parallel parts: begin, list, sync, write the manifest.
    const BackgroundWork working;
    run(std::move(next), stop);
  }
}

void JobRunner::run(Waiting job, const JobStop& stop) {
  std::optional<Job> turn = std::move(job.job);
  while (turn) {
    (*turn)(stop);
    turn.reset();  // what it owns goes before anybody may believe that it is over
    const std::lock_guard lock(mutex_);
    turn = next_turn(job.id, stop);
  }
  changed_.notify_all();
}

std::optional<JobRunner::Job> JobRunner::next_turn(const std::string& id, const JobStop& stop) {
  const auto parked = parked_.find(id);
  if (parked != parked_.end() && stop.requested()) {
    Job rest = std::move(parked->second);
    parked_.erase(parked);
    return rest;
  }
  running_.erase(id);
  const bool is_released = released_.erase(id) > 0;
  if (parked != parked_.end() && is_released) {
    queue_.push_front({id, std::move(parked->second)});
    parked_.erase(parked);
  }
  return std::nullopt;
}

void JobRunner::stop() {
  std::deque<Waiting> forgotten;  // destroyed without the lock, as are the next ones
  std::map<std::string, Job, std::less<>> parked;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    forgotten.swap(queue_);
    parked.swap(parked_);
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

#include "jobs/job_runner.h"

#include <algorithm>
#include <utility>

#include "base/background_threads.h"
#include "base/check.h"

namespace tidemark::jobs {

JobRunner::JobRunner(const JobSlots& slots) {
  const auto by_lane = slots.by_lane();
  for (std::size_t lane = 0; lane < by_lane.size(); ++lane) {
    for (int i = 0; i < by_lane[lane]; ++i) {
      threads_.emplace_back([this, lane] { work(static_cast<JobLane>(lane)); });
    }
  }
}

JobRunner::~JobRunner() { stop(); }

Result<void> JobRunner::submit(std::string id, Job job, JobLane lane) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return fail(Error::unavailable("the server is shutting down"));
    if (waiting(lane) >= kQueuedJobsMax) return fail(Error::conflict("too many jobs wait"));
    queue(lane).push_back({std::move(id), std::move(job), lane});
  }
  changed_.notify_all();
  return {};
}

void JobRunner::park(const std::string& id, Job rest) {
  const std::lock_guard lock(mutex_);
  const auto running = running_.find(id);
  INVARIANT(running != running_.end());
  parked_.insert_or_assign(id, Waiting{id, std::move(rest), running->second.lane});
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
    queue(parked->second.lane).push_front(std::move(parked->second));
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

std::size_t JobRunner::waiting(JobLane lane) const {
  const auto parked = std::count_if(parked_.begin(), parked_.end(),
                                    [lane](const auto& entry) { return entry.second.lane == lane; });
  return queues_[static_cast<std::size_t>(lane)].size() + static_cast<std::size_t>(parked);
}

bool JobRunner::is_queued(std::string_view id) const {
  const auto has_it = [id](const std::deque<Waiting>& queue) {
    return std::any_of(queue.begin(), queue.end(), [id](const Waiting& job) { return job.id == id; });
  };
  return std::any_of(queues_.begin(), queues_.end(), has_it);
}

std::optional<JobRunner::Waiting> JobRunner::take_waiting(std::string_view id) {
  std::optional<Waiting> taken;
  for (std::deque<Waiting>& queue : queues_) {
    const auto queued =
        std::find_if(queue.begin(), queue.end(), [id](const Waiting& job) { return job.id == id; });
    if (queued == queue.end()) continue;
    taken = std::move(*queued);
    queue.erase(queued);
    return taken;
  }
  if (const auto parked = parked_.find(id); parked != parked_.end()) {
    taken = std::move(parked->second);
    parked_.erase(parked);
  }
  return taken;
}

JobStop JobRunner::begin(const Waiting& job) {
  Running& running = running_[job.id];
  running.lane = job.lane;
  return running.source.stop();
}

bool JobRunner::cancel(std::string_view id) {
  std::optional<Waiting> cancelled;
  JobStop stop;
  {
    const std::lock_guard lock(mutex_);
    if (const auto running = running_.find(id); running != running_.end()) {
      running->second.source.cancel();
      return true;
    }
    cancelled = take_waiting(id);
    if (!cancelled) return false;
    stop = begin(*cancelled);
    running_.find(id)->second.source.cancel();
  }
  // It only cleans up. Behind long jobs it would wait for hours to do so.
  run(*std::move(cancelled), stop);
  return true;
}

void JobRunner::work(JobLane lane) {
  lower_thread_priority();
  while (true) {
    Waiting next;
    JobStop stop;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !queue(lane).empty(); });
      if (stopping_) return;
      next = std::move(queue(lane).front());
      queue(lane).pop_front();
      stop = begin(next);
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
    Job rest = std::move(parked->second.job);
    parked_.erase(parked);
    return rest;
  }
  running_.erase(id);
  const bool is_released = released_.erase(id) > 0;
  if (parked != parked_.end() && is_released) {
    queue(parked->second.lane).push_front(std::move(parked->second));
    parked_.erase(parked);
  }
  return std::nullopt;
}

void JobRunner::stop() {
  std::array<std::deque<Waiting>, kJobLanes> forgotten;  // destroyed without the lock, as are the next ones
  std::map<std::string, Waiting, std::less<>> parked;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    forgotten.swap(queues_);
    parked.swap(parked_);
    for (auto& [id, running] : running_) running.source.interrupt();
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

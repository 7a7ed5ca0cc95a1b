// Runs jobs in the background, at low priority, those of one lane in the order in which they came.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/move_only_function.h"
#include "base/result.h"
#include "jobs/job_lane.h"
#include "jobs/job_stop.h"

namespace tidemark::jobs {

// Thread-safety: all methods may be called concurrently.
class JobRunner {
 public:
  // Called once. When the stop is requested before it begins, it has only to clean up.
  using Job = MoveOnlyFunction<void(const JobStop&)>;

  // So many jobs may wait in each lane. Source: the service's limit of export tasks at a time.
  static constexpr std::size_t kQueuedJobsMax = 300;

  // So many jobs of each lane run at the same time, the others wait.
  explicit JobRunner(const JobSlots& slots);
  ~JobRunner();
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;

  // `id` names the job in cancel(); no two jobs may have the same at a time. Errors: kConflict when too many
  // jobs of the lane wait; kUnavailable after stop().
  Result<void> submit(std::string id, Job job, JobLane lane = JobLane::kMachine);

  // For a job that has to wait: `rest` is called once release() was, with the job's own id, and takes none of
  // the threads until then. Only from within the job, which must return then.
  void park(const std::string& id, Job rest);
  // What the job has parked, or will park, may go on.
  void release(std::string_view id);
  // Until there is no such job (any more), or the stop is requested.
  void wait_for(std::string_view id, const std::stop_token& stop);
  // The same until a time of the steady clock. Whether there is no such job (any more).
  bool wait_until(std::string_view id, std::chrono::steady_clock::time_point deadline);

  // Asks the job to stop, without waiting for it. One that has not begun is called here and now, its stop
  // requested. False when there is no such job (any more).
  bool cancel(std::string_view id);

  // Interrupts what runs, waits for it, and forgets what has not begun. Nothing runs after that.
  void stop();

 private:
  struct Waiting {
    std::string id;
    Job job;
    JobLane lane = JobLane::kMachine;
  };
  struct Running {
    JobStopSource source;
    JobLane lane = JobLane::kMachine;
  };

  // On one thread of many: the jobs of the lane.
  void work(JobLane lane);
  // Calls the job, which is in running_ already, and takes it out.
  void run(Waiting job, const JobStop& stop);
  // These need mutex_.
  // Takes the job out of running_, unless it parked something that has to see its stop.
  std::optional<Job> next_turn(const std::string& id, const JobStop& stop);
  [[nodiscard]] std::deque<Waiting>& queue(JobLane lane) { return queues_[static_cast<std::size_t>(lane)]; }
  JobStop begin(const Waiting& job);
  [[nodiscard]] std::size_t waiting(JobLane lane) const;
  [[nodiscard]] bool is_queued(std::string_view id) const;
  [[nodiscard]] bool is_there(std::string_view id) const;
  std::optional<Waiting> take_waiting(std::string_view id);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<std::deque<Waiting>, kJobLanes> queues_;  // by lane; guarded by mutex_, as are the next four
  std::map<std::string, Waiting, std::less<>> parked_;
  std::set<std::string, std::less<>> released_;  // jobs that are still to park
  std::map<std::string, Running, std::less<>> running_;
  bool stopping_ = false;
  std::mutex join_mutex_;             // held while threads are joined: stop() may be called twice
  std::vector<std::thread> threads_;  // last: they use what is above; guarded by join_mutex_
};

}  // namespace tidemark::jobs

// All kinds of jobs together, and what they share: the threads, the board, the resume at start, the ageing,
// one list.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/schedule.h"
#include "jobs/job_board.h"
#include "jobs/job_book.h"
#include "jobs/job_lane.h"
#include "jobs/job_record.h"
#include "jobs/job_runner.h"
#include "storage/catalog.h"

namespace tidemark::jobs {

// What the registry knows of a kind. JobKind implements it.
class AnyJobKind {
 public:
  virtual ~AnyJobKind() = default;
  [[nodiscard]] virtual const std::string& name() const = 0;  // `export`
  virtual void resume() = 0;
  virtual void forget_expired(Timestamp now) = 0;
  // Forgets ended jobs, and what lies beside their records. Returns how many.
  virtual std::size_t forget_ended(const std::function<bool(const JobRecord&)>& which) = 0;
  [[nodiscard]] virtual std::optional<JobRecord> find_job(std::string_view id) const = 0;
  [[nodiscard]] virtual JobPage<JobRecord> list_jobs(
      const JobPageRequest& request, const std::function<bool(const JobRecord&)>& filter) const = 0;
  // Errors: kNotFound; kConflict when it has ended.
  virtual Result<void> mark_cancelling(std::string_view id) = 0;
};

struct DiscardedJobs {
  std::size_t cancelled = 0;
  std::size_t forgotten = 0;  // those that were cancelled among them
  std::size_t left = 0;       // those that have not noticed yet
};

// Thread-safety: all methods may be called concurrently, once the kinds are there.
class JobRegistry {
 public:
  // All must outlive the registry.
  JobRegistry(storage::Catalog& catalog, Clock& clock, Random& random, const JobSlots& slots = {});
  ~JobRegistry();
  JobRegistry(const JobRegistry&) = delete;
  JobRegistry& operator=(const JobRegistry&) = delete;

  // Called by the kinds themselves.
  void add(AnyJobKind& kind);
  void remove(AnyJobKind& kind);

  // Forgets what is too old, and takes up the jobs of all kinds that were in progress when the process ended.
  // Call once, when all kinds are there and before requests come.
  void resume_all();

  // Forgets ended jobs that are too old.
  void forget_expired();
  // Does so every hour, and what try_again() was given every second, until the registry is gone.
  void age_by(Schedule& schedule);

  // Jobs last so long at least, by what was asked for (the kind, or JobRecord::operation), by the clock of
  // `schedule`, which must outlive the registry. Before the kinds are there.
  void last_at_least(Schedule& schedule, std::map<std::string, std::chrono::microseconds> durations);

  // The next job of the kind that begins fails so; of several, each takes one. Forgotten with the process.
  // False when kToldMax wait for a job already.
  static constexpr std::size_t kToldMax = 1'000;
  [[nodiscard]] bool tell_next(const std::string& kind, ToldFailure failure);
  std::optional<ToldFailure> take_told_failure(const std::string& kind);
  // One that was taken for a job which did not begin: the next one takes it.
  void put_back_told_failure(const std::string& kind, ToldFailure failure);

  // Jobs of every kind, newest first.
  [[nodiscard]] JobPage<JobRecord> list(const JobPageRequest& request,
                                        const std::function<bool(const JobRecord&)>& filter) const;
  [[nodiscard]] std::optional<JobRecord> find(std::string_view id) const;
  [[nodiscard]] bool has_kind(std::string_view name) const;

  // Asks a job to end. It is CANCELLING until it has noticed, also across a restart; then CANCELLED, unless
  // it was done before. Errors: kNotFound; kConflict when it has ended; those of storage::Catalog.
  Result<void> cancel(std::string_view id);

  // Cancels the jobs that run or wait, waits until they have ended, but not longer than `patience`, and
  // forgets all that have. What they made so far is decided as cancel() has it.
  DiscardedJobs discard(const std::function<bool(const JobRecord&)>& which,
                        std::chrono::milliseconds patience);
  // Takes back what tell_next() was given.
  void forget_told();

  // Interrupts all jobs, which go on after the next start, and waits for them. None runs after that.
  void stop();

  // What kinds use.
  // Calls `attempt` until it answers true, or until stop(). It must know that its kind is there only so long.
  void try_again(std::function<bool()> attempt);
  [[nodiscard]] Timestamp earliest_end(const JobRecord& record) const;
  // Releases what the job will have parked, at its earliest end: whoever moves the clock there finds it over.
  void release_at_end(const JobRecord& record);
  // Says in the log that a job has ended and, if it failed, why: `cause`, or else what the client is told.
  static void report(const JobRecord& record, const std::string& cause);
  storage::Catalog& catalog() { return catalog_; }
  Clock& clock() { return clock_; }
  Random& random() { return random_; }
  JobRunner& runner() { return runner_; }
  JobBoard& board() { return board_; }
  [[nodiscard]] const JobBoard& board() const { return board_; }

 private:
  [[nodiscard]] std::vector<AnyJobKind*> kinds() const;
  void attempt_all();
  // Drops what is kept for jobs that are over.
  void forget_ends();

  storage::Catalog& catalog_;
  Clock& clock_;
  Random& random_;
  JobBoard board_;
  mutable std::mutex mutex_;
  std::vector<AnyJobKind*> kinds_;               // guarded by mutex_
  std::vector<std::function<bool()>> attempts_;  // guarded by mutex_
  bool is_stopped_ = false;                      // guarded by mutex_
  ScheduledTask ageing_;
  ScheduledTask attempting_;
  Schedule* schedule_ = nullptr;
  std::map<std::string, std::chrono::microseconds> durations_;
  std::map<std::string, std::deque<ToldFailure>> told_;  // guarded by mutex_
  std::map<std::string, ScheduledTask> ends_;            // guarded by mutex_; by the id of the job
  JobRunner runner_;                                     // last: jobs use what is above
};

}  // namespace tidemark::jobs

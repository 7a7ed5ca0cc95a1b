// One kind of job, from its start to its end. A kind (exports, imports, ...) has one of these and says only
// what its jobs do.
#pragma once

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/move_only_function.h"
#include "base/result.h"
#include "jobs/job_book.h"
#include "jobs/job_lane.h"
#include "jobs/job_outcome.h"
#include "jobs/job_progress.h"
#include "jobs/job_registry.h"
#include "jobs/job_stop.h"

namespace tidemark::jobs {

// When the records of the jobs that wait or run take more than that, no more of the kind begin.
inline constexpr std::size_t kUnfinishedBytesMax = std::size_t{32} << 20;

// Destroying it stops all jobs, of every kind: only on the way out. What jobs use must outlive it, so an
// owner declares it last. Thread-safety: all methods may be called concurrently.
template <class Record>
class JobKind final : public AnyJobKind {
 public:
  // The job. Returns its record completed, with its totals, or, ended all the same, with a failure in it.
  using Work = MoveOnlyFunction<JobResult<Record>(const JobStop& stop, JobProgress& progress)>;

  struct Rules {
    // Takes up a job that was in progress when the process ended: calls launch() or end().
    std::function<void(const Record&)> resume;
    // The job is over: decides what becomes of what it made, a table for one, before its record says so, and
    // may add to the record. `worked`: it has no failure of its own. On an error the job stays in progress;
    // this is called again, every second, until it succeeds or the process ends.
    std::function<Result<void>(Record& record, bool worked)> settle = [](Record&, bool) -> Result<void> {
      return {};
    };
    // The record says that the job is over: what was kept for it may go. Called again after an error as
    // settle is, and not at all when the process ends in between.
    std::function<Result<void>(const Record&)> ended = [](const Record&) -> Result<void> { return {}; };
    // The record is gone: what lies beside it may go, too.
    std::function<void(const Record&)> forget = [](const Record&) {};
    // Whose slots the job takes. A kind whose jobs may wait long for somebody must say so.
    std::function<JobLane(const Record&)> lane = [](const Record&) { return JobLane::kMachine; };
  };

  // `registry` must outlive it.
  JobKind(JobRegistry& registry, std::string name, Rules rules)
      : registry_(registry), rules_(std::move(rules)), book_(registry.catalog(), std::move(name)) {
    registry_.add(*this);
  }
  ~JobKind() override {
    registry_.stop();
    registry_.remove(*this);
  }
  JobKind(const JobKind&) = delete;
  JobKind& operator=(const JobKind&) = delete;

  [[nodiscard]] const JobBook<Record>& book() const { return book_; }

  // The job that the client token of `request` began, if it did.
  [[nodiscard]] std::optional<Record> find_repeated(const Record& request) const {
    if (request.client_token.empty()) return std::nullopt;
    return book_.find_token({request.account_id, request.region}, request.client_token,
                            registry_.clock().now());
  }

  // Gives the job its id, its ARN and, when the request had none, a client token. Its owner, table and start
  // time are there.
  void name_job(Record* record) {
    record->kind = name();
    record->asked_time = std::min(record->start_time, registry_.clock().now());
    record->id = job_id(record->start_time, registry_.random().hex(8));
    record->arn = record->table_arn + "/" + name() + "/" + record->id;
    if (record->client_token.empty()) record->client_token = registry_.random().uuid();
  }

  // Records the job and queues its work. On an error there is no such job. Errors: kConflict when too many
  // jobs wait, or what is kept of them is too large; those of storage::Catalog.
  Result<void> begin(const Record& record, Work work) {
    if (book_.unfinished_bytes() > kUnfinishedBytesMax)
      return fail(Error::conflict("the jobs that wait are too large"));
    RETURN_IF_ERROR(book_.put(record));
    auto progress = registry_.board().begin(record.id);
    auto told = registry_.take_told_failure(name());
    if (told) progress->tell_to_fail(*told);
    auto launched = submit(record, std::move(work), std::move(progress));
    if (launched) return {};
    if (told) registry_.put_back_told_failure(name(), *std::move(told));
    if (auto removed = book_.remove(record); !removed) {
      // It would be taken up at the next start, although the client was told that it never began.
      log::error("a job that was refused cannot be forgotten",
                 {{"arn", record.arn}, {"error", removed.error().message}});
    }
    return launched;
  }

  // Queues the work of a job that is recorded. Errors: kConflict when too many jobs wait.
  Result<void> launch(const Record& record, Work work) {
    return submit(record, std::move(work), registry_.board().begin(record.id));
  }

  // Whether the job may end, by how long jobs of its kind are to last. Until then its work, when it has done
  // everything else, returns JobFailure::postponed(), and is called again.
  [[nodiscard]] bool may_end(const Record& record) const {
    return registry_.clock().now() >= registry_.earliest_end(record);
  }

  // Changes the record of a running job in passing; what others have changed stays.
  Result<void> update(std::string_view id, const std::function<Result<void>(Record&)>& change) {
    return book_.update(id, change);
  }

  // The job is over. Of one that was interrupted nothing changes. With a full disk, for one, the end cannot
  // be recorded now; then it is when there is space.
  void end(Record record, JobResult<Record> outcome) {
    const bool worked = outcome.has_value();
    std::string cause;
    if (outcome) {
      record = *std::move(outcome);
    } else {
      JobFailure& failure = outcome.error();
      if (failure.kind == JobFailure::Kind::kInterrupted) return;
      const bool is_cancelled = failure.kind == JobFailure::Kind::kCancelled;
      // With what was recorded on the way.
      if (auto recorded = book_.find_id(record.id)) record = *std::move(recorded);
      record.status = is_cancelled ? JobStatus::kCancelled : JobStatus::kFailed;
      record.failure_code = std::move(failure.code);
      record.failure_message = std::move(failure.message);
      cause = std::move(failure.cause);
    }
    if (record.end_time == Timestamp{}) record.end_time = end_of(record, registry_.clock().now());
    registry_.report(record, cause);
    if (const auto finished = finish(record, worked); !finished) {
      log::error("the end of a job cannot be recorded, trying again",
                 {{"arn", record.arn}, {"error", finished.error().message}});
      registry_.try_again(
          [this, record = std::move(record), worked] { return finish(record, worked).has_value(); });
    }
    forget_expired(registry_.clock().forgetting_time());
  }

  // Does it now, or, if that fails, every second until it succeeds or the process ends.
  void make_sure(std::function<Result<void>()> what) {
    if (what()) return;
    registry_.try_again([what = std::move(what)] { return what().has_value(); });
  }

  [[nodiscard]] const std::string& name() const override { return book_.kind(); }

  void resume() override {
    for (const Record& record : book_.unfinished()) rules_.resume(record);
  }

  void forget_expired(Timestamp now) override {
    for (const Record& record : book_.forget_expired(now)) rules_.forget(record);
  }

  std::size_t forget_ended(const std::function<bool(const JobRecord&)>& which) override {
    const auto forgotten = book_.forget_ended(which);
    for (const Record& record : forgotten) {
      registry_.board().remove(record.id);
      rules_.forget(record);
    }
    return forgotten.size();
  }

  [[nodiscard]] std::optional<JobRecord> find_job(std::string_view id) const override {
    return book_.find_id(id);
  }

  [[nodiscard]] JobPage<JobRecord> list_jobs(
      const JobPageRequest& request, const std::function<bool(const JobRecord&)>& filter) const override {
    auto page = book_.list(request, filter);
    return {{page.records.begin(), page.records.end()}, page.has_more};
  }

  Result<void> mark_cancelling(std::string_view id) override {
    return book_.update(id, [](Record& record) -> Result<void> {
      if (is_ended(record.status)) return fail(Error::conflict("the job has ended"));
      record.status = JobStatus::kCancelling;
      return {};
    });
  }

 private:
  // Nothing that a job throws may end the process: at the next start it would do so again.
  static JobResult<Record> guarded(Work& work, const JobStop& stop, JobProgress& progress) {
    try {
      return work(stop, progress);
    } catch (const std::exception& exception) {
      return fail(JobFailure::internal(Error::io(exception.what())));
    }
  }
  // May be called again after an error: what was done before is found done.
  Result<void> finish(Record record, bool worked) {
    RETURN_IF_ERROR(rules_.settle(record, worked));
    RETURN_IF_ERROR(book_.put(record));
    return rules_.ended(record);
  }

  Result<void> submit(const Record& record, Work work, std::shared_ptr<JobProgress> progress) {
    const bool has_to_wait = !may_end(record);
    auto submitted = registry_.runner().submit(record.id, turn(record, std::move(work), std::move(progress)),
                                               rules_.lane(record));
    if (!submitted) {
      registry_.board().remove(record.id);
      return submitted;
    }
    if (has_to_wait) registry_.release_at_end(record);
    if (const auto known = book_.find_id(record.id); known && known->status == JobStatus::kCancelling) {
      // Its end was asked for when it was not in the queue yet, perhaps before the process ended.
      registry_.runner().cancel(record.id);
    }
    return submitted;
  }

  JobRunner::Job turn(const Record& record, Work work, std::shared_ptr<JobProgress> progress) {
    return [this, record, work = std::move(work), progress = std::move(progress)](
               const JobStop& stop) mutable { run(record, std::move(work), stop, std::move(progress)); };
  }

  void run(const Record& record, Work work, const JobStop& stop, std::shared_ptr<JobProgress> progress) {
    auto outcome = guarded(work, stop, *progress);
    if (!outcome && outcome.error().kind == JobFailure::Kind::kPostponed) {
      progress->enter(outcome.error().waits);
      registry_.runner().park(record.id, turn(record, std::move(work), std::move(progress)));
      return;
    }
    // Whatever the work still holds, a snapshot for one, goes before anybody sees the job ended.
    work = {};
    end(record, std::move(outcome));
    registry_.board().end(record.id);
  }

  JobRegistry& registry_;
  const Rules rules_;
  JobBook<Record> book_;
};

}  // namespace tidemark::jobs

#include "jobs/job_registry.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <utility>

#include "base/log.h"

namespace tidemark::jobs {

JobRegistry::JobRegistry(storage::Catalog& catalog, Clock& clock, Random& random, const JobSlots& slots)
    : catalog_(catalog), clock_(clock), random_(random), runner_(slots) {}

JobRegistry::~JobRegistry() { stop(); }

void JobRegistry::add(AnyJobKind& kind) {
  const std::lock_guard lock(mutex_);
  kinds_.push_back(&kind);
}

void JobRegistry::remove(AnyJobKind& kind) {
  const std::lock_guard lock(mutex_);
  std::erase(kinds_, &kind);
}

std::vector<AnyJobKind*> JobRegistry::kinds() const {
  const std::lock_guard lock(mutex_);
  return kinds_;
}

void JobRegistry::stop() {
  ageing_.cancel();
  attempting_.cancel();
  std::map<std::string, ScheduledTask> ends;  // cancelled without the lock
  {
    const std::lock_guard lock(mutex_);
    ends.swap(ends_);
  }
  ends.clear();
  runner_.stop();
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  attempts_.clear();
}

void JobRegistry::try_again(std::function<bool()> attempt) {
  const std::lock_guard lock(mutex_);
  if (!is_stopped_) attempts_.push_back(std::move(attempt));
}

void JobRegistry::attempt_all() {
  std::vector<std::function<bool()>> attempts;
  {
    const std::lock_guard lock(mutex_);
    attempts.swap(attempts_);
  }
  std::erase_if(attempts, [](const std::function<bool()>& attempt) { return attempt(); });
  const std::lock_guard lock(mutex_);
  attempts_.insert(attempts_.end(), attempts.begin(), attempts.end());
}

void JobRegistry::resume_all() {
  forget_expired();
  for (AnyJobKind* kind : kinds()) kind->resume();
}

void JobRegistry::last_at_least(Schedule& schedule,
                                std::map<std::string, std::chrono::microseconds> durations) {
  schedule_ = &schedule;
  durations_ = std::move(durations);
  std::erase_if(durations_, [](const auto& duration) { return duration.second.count() == 0; });
}

Timestamp JobRegistry::earliest_end(const JobRecord& record) const {
  const auto duration = durations_.find(record.operation.empty() ? record.kind : record.operation);
  return duration == durations_.end() ? Timestamp{} : record.asked_time.plus(duration->second);
}

void JobRegistry::release_at_end(const JobRecord& record) {
  forget_ends();
  auto end = schedule_->at(
      earliest_end(record), "end of a job", [this, id = record.id] { runner_.release(id); },
      {.settled = [this, id = record.id](const std::stop_token& stop) { runner_.wait_for(id, stop); }});
  const std::lock_guard lock(mutex_);
  ends_.insert_or_assign(record.id, std::move(end));
}

void JobRegistry::forget_ends() {
  std::map<std::string, ScheduledTask> ends;  // cancelled without the lock
  {
    const std::lock_guard lock(mutex_);
    ends.swap(ends_);
  }
  std::erase_if(ends, [this](const auto& end) {
    const auto job = find(end.first);
    return !job || is_ended(job->status);
  });
  const std::lock_guard lock(mutex_);
  ends_.merge(ends);
}

bool JobRegistry::tell_next(const std::string& kind, ToldFailure failure) {
  const std::lock_guard lock(mutex_);
  std::deque<ToldFailure>& told = told_[kind];
  if (told.size() == kToldMax) return false;
  told.push_back(std::move(failure));
  return true;
}

void JobRegistry::put_back_told_failure(const std::string& kind, ToldFailure failure) {
  const std::lock_guard lock(mutex_);
  told_[kind].push_front(std::move(failure));
}

std::optional<ToldFailure> JobRegistry::take_told_failure(const std::string& kind) {
  const std::lock_guard lock(mutex_);
  const auto told = told_.find(kind);
  if (told == told_.end() || told->second.empty()) return std::nullopt;
  ToldFailure failure = std::move(told->second.front());
  told->second.pop_front();
  return failure;
}

void JobRegistry::forget_told() {
  const std::lock_guard lock(mutex_);
  told_.clear();
}

void JobRegistry::forget_expired() {
  for (AnyJobKind* kind : kinds()) kind->forget_expired(clock_.forgetting_time());
}

bool JobRegistry::has_kind(std::string_view name) const {
  const std::vector<AnyJobKind*> all = kinds();
  return std::any_of(all.begin(), all.end(), [name](const AnyJobKind* kind) { return kind->name() == name; });
}

void JobRegistry::age_by(Schedule& schedule) {
  ageing_ = schedule.every(std::chrono::hours(1), "old jobs", [this] { forget_expired(); });
  attempting_ = schedule.every(std::chrono::seconds(1), "ends of jobs", [this] { attempt_all(); },
                               {.also_in_real_time = true});
}

JobPage<JobRecord> JobRegistry::list(const JobPageRequest& request,
                                     const std::function<bool(const JobRecord&)>& filter) const {
  JobPage<JobRecord> all;
  for (const AnyJobKind* kind : kinds()) {
    // Each kind's own page is enough: what it has left off is older than what it gave.
    auto page = kind->list_jobs(request, filter);
    all.has_more = all.has_more || page.has_more;
    std::move(page.records.begin(), page.records.end(), std::back_inserter(all.records));
  }
  std::sort(all.records.begin(), all.records.end(),
            [](const JobRecord& a, const JobRecord& b) { return a.id > b.id; });
  if (all.records.size() > request.records_max) {
    all.records.resize(request.records_max);
    all.has_more = true;
  }
  return all;
}

std::optional<JobRecord> JobRegistry::find(std::string_view id) const {
  for (const AnyJobKind* kind : kinds()) {
    if (auto record = kind->find_job(id)) return record;
  }
  return std::nullopt;
}

Result<void> JobRegistry::cancel(std::string_view id) {
  for (AnyJobKind* kind : kinds()) {
    if (!kind->find_job(id)) continue;
    // On disk first: a job that ends in between overwrites it with its end.
    RETURN_IF_ERROR(kind->mark_cancelling(id));
    runner_.cancel(id);
    return {};
  }
  return fail(Error::not_found("there is no job " + std::string(id)));
}

DiscardedJobs JobRegistry::discard(const std::function<bool(const JobRecord&)>& which,
                                   std::chrono::milliseconds patience) {
  DiscardedJobs discarded;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const auto unfinished = [&which](const JobRecord& job) { return !is_ended(job.status) && which(job); };
  const auto running = list({.records_max = SIZE_MAX}, unfinished).records;
  for (const JobRecord& job : running) {
    // One that ends by itself in between is as good.
    if (cancel(job.id)) ++discarded.cancelled;
  }
  for (const JobRecord& job : running) {
    if (!runner_.wait_until(job.id, deadline)) {
      log::warn("a job that was cancelled has not ended yet", {{"job", job.arn}});
    }
  }
  for (AnyJobKind* kind : kinds()) discarded.forgotten += kind->forget_ended(which);
  forget_ends();
  for (const JobRecord& job : running) {
    if (find(job.id)) ++discarded.left;
  }
  return discarded;
}

void JobRegistry::report(const JobRecord& record, const std::string& cause) {
  if (record.status != JobStatus::kFailed) {
    log::info("a job has ended",
              {{"kind", record.kind}, {"job", record.arn}, {"status", job_status_name(record.status)}});
    return;
  }
  // What is wrong with a request is worth a warning, what is wrong with us an error.
  void (*const write)(std::string_view, std::initializer_list<log::Field>) =
      cause.empty() ? log::warn : log::error;
  const std::string& reason = cause.empty() ? record.failure_message : cause;
  if (record.error_log.empty()) {
    write("a job failed",
          {{"kind", record.kind}, {"job", record.arn}, {"code", record.failure_code}, {"reason", reason}});
  } else {
    write("a job failed", {{"kind", record.kind},
                           {"job", record.arn},
                           {"code", record.failure_code},
                           {"reason", reason},
                           {"errors", record.error_log}});
  }
}

}  // namespace tidemark::jobs

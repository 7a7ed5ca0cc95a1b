// Keeps the account of what has been used since the process began, and marks on it.
//
// Requests are counted where they are carried out, by each thread for itself, and are only added up here.
// What passing time costs (storage, backups, provisioned capacity) comes from looking at the sizes: on every
// full hour by the service's clock, before a mark and before a bill. What is there at a look is charged for
// the time since the look before, as an hour of AWS is charged by what there is in it. Jobs are charged when
// they have ended.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "admin/bill/usage.h"
#include "base/clock.h"
#include "base/schedule.h"
#include "base/worker.h"
#include "jobs/job_registry.h"
#include "storage/engine.h"
#include "timetravel/backups.h"

namespace tidemark::admin {

// What a job is charged for.
struct JobUsage {
  std::uint64_t bytes = 0;
  std::string label;
};

struct BucketBytes {
  std::string account;
  std::string bucket;
  std::uint64_t bytes = 0;  // of all versions
};

struct LedgerSources {
  storage::Engine& engine;
  jobs::JobRegistry& jobs;
  const timetravel::Backups& backups;
  const Clock& clock;
  // What this layer does not see. Thread-safe.
  std::function<Usage()> requests;  // since the process began
  std::function<JobUsage(const jobs::JobRecord&)> job_usage;
  // May take long, and ends early when asked to.
  std::function<std::vector<BucketBytes>(const std::stop_token&)> buckets;
};

struct UsageMark {
  std::string name;
  Timestamp time;
  Usage usage;  // up to that moment
};

// Thread-safety: all methods may be called concurrently.
class Ledger {
 public:
  static constexpr std::size_t kMarksMax = 20;

  // All that `sources` refers to must outlive it. Jobs that have ended already are not charged.
  explicit Ledger(LedgerSources sources);

  // Looks on every full hour, too, until this is gone. `schedule` must outlive it.
  void start(Schedule& schedule);

  // Up to now, with its time; `name` is that of no mark. Looks first, which takes long where there are many
  // objects.
  UsageMark now();
  // When counting began: the start, or the last clear() of everything.
  [[nodiscard]] Timestamp began() const;

  // Keeps now() under that name, in place of what was kept under it. False: there are too many.
  bool mark(const std::string& name);
  [[nodiscard]] std::optional<UsageMark> find(const std::string& name) const;
  [[nodiscard]] std::vector<std::pair<std::string, Timestamp>> marks() const;  // oldest first
  bool remove(const std::string& name);

  // Nothing has been used, by nobody or by that account; of everything the marks go, too.
  void clear(const std::optional<std::string>& account);

 private:
  void look(const std::stop_token& stop = {});
  // These need mutex_.
  void charge_tables(double hours);
  void charge_backups(double hours);
  void charge_jobs();
  [[nodiscard]] bool is_uncharged(const jobs::JobRecord& job) const;
  [[nodiscard]] std::optional<Timestamp> next_due() const;

  const LedgerSources sources_;
  std::mutex looking_;  // one look at a time; taken before mutex_
  mutable std::mutex mutex_;
  // Everything from here to marks_ is guarded by mutex_.
  Timestamp began_;
  Timestamp looked_;
  Usage passed_;  // what looks have found
  Usage before_;  // of sources_.requests: what is not to be charged
  std::set<std::string> charged_jobs_;
  std::vector<UsageMark> marks_;

  std::optional<Worker> worker_;
  ScheduledTask task_;
};

}  // namespace tidemark::admin

// Carries out the lifecycle rules of buckets.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/schedule.h"
#include "base/worker.h"
#include "s3emu/rules/lifecycle_rules.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

struct LifecycleCounts {
  std::uint64_t objects = 0;   // current versions that expired
  std::uint64_t versions = 0;  // noncurrent versions
  std::uint64_t markers = 0;   // delete markers that stood alone
  std::uint64_t uploads = 0;

  bool operator==(const LifecycleCounts&) const = default;
  LifecycleCounts& operator+=(const LifecycleCounts& other);
};

// Walks over the buckets that have rules, a page of keys at a time, when it is woken because rules have
// changed and when a day has begun: between them nothing can become due. A move of the clock stops at each
// midnight, so that what one day makes of a version ages from then on. A bucket where that fails has another
// turn with every look, of which there is one an hour, but the log tells of it once until the next day or
// change. What object lock protects stays.
// Removing is for good, so days are those of the clock's forgetting_time().
// Thread-safety: sweep() may be called while the thread runs.
class LifecycleSweeper {
 public:
  // The caller keeps `store` and `clock` alive.
  LifecycleSweeper(ObjectStore& store, Clock& clock) : store_(store), clock_(clock) {}
  LifecycleSweeper(const LifecycleSweeper&) = delete;
  LifecycleSweeper& operator=(const LifecycleSweeper&) = delete;

  // Sweeps now, when a day has begun and when it is woken, on a thread of its own. `schedule` must outlive
  // the sweeper. The thread ends with the sweeper, after the page it is at.
  void start(Schedule& schedule);
  // Rules have changed. Needs start().
  void wake() { worker_->wake(); }
  // Sweeps the buckets where something can have become due since the last call, or where that failed. Returns
  // what was removed, in buckets where it fails, too.
  LifecycleCounts sweep(const std::stop_token& stop = {});

 private:
  // The next midnight; nothing when no bucket has rules.
  [[nodiscard]] std::optional<Timestamp> next_day() const;

  // What is due in a bucket: the same until one of these changes.
  struct Turn {
    std::int64_t day = 0;
    std::string rules;
    std::uint64_t bucket = 0;  // its identity

    bool operator==(const Turn&) const = default;
  };
  // When a bucket was swept last.
  struct Swept {
    Turn turn;
    bool is_done = false;  // else it failed, which was told
  };

  // Adds to `*counts` what it removed. Errors: those of the store and of rules that cannot be read.
  S3Result<void> sweep_bucket(const Bucket& bucket, const std::string& document, Timestamp now,
                              const std::stop_token& stop, LifecycleCounts* counts);

  ObjectStore& store_;
  Clock& clock_;

  std::mutex sweep_mutex_;              // one sweep at a time
  std::map<std::string, Swept> swept_;  // guarded by sweep_mutex_

  std::optional<Worker> worker_;
  ScheduledTask hourly_;  // last: ends before the worker
};

}  // namespace tidemark::s3emu

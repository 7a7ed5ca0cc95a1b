// Keeps what time it is for the next start, while the service's clock is ahead of the machine's.
#pragma once

#include <chrono>
#include <mutex>

#include "base/result.h"
#include "base/schedule.h"
#include "base/service_clock.h"
#include "storage/engine.h"

namespace tidemark::server {

// The next start goes on from the last commit (storage::Engine::last_commit_time()), and a table is not the
// only thing that has times: objects have, and what the clock itself was told. So there is a commit every ten
// seconds of service time, one a second of real time at most, while nobody moved nor wrote anything else.
// Thread-safety: all methods may be called concurrently.
class ClockKeeper {
 public:
  // Both outlive it.
  ClockKeeper(storage::Engine& engine, const ServiceClock& clock) : engine_(engine), clock_(clock) {}

  // ServiceClock::State::moved, as it was in the last run; 0 when it was not kept.
  static std::chrono::microseconds kept_move(storage::Engine& engine);

  void start(Schedule& schedule);
  // Now, if the clock is ahead: when it was moved, and at the end. A failure is logged, once in a row.
  void keep();

 private:
  void keep_now_and_then();
  void keep_always();
  Result<void> write();

  storage::Engine& engine_;
  const ServiceClock& clock_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point kept_ = {};  // guarded by mutex_, as is the next
  bool is_failing_ = false;                          // and the log knows
  ScheduledTask task_;                               // last: uses what is above
};

}  // namespace tidemark::server

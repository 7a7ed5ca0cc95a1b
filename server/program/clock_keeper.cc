#include "server/program/clock_keeper.h"

#include "base/log.h"

namespace tidemark::server {
namespace {

constexpr std::chrono::seconds kServiceInterval{10};
constexpr std::chrono::seconds kRealInterval{1};
// What the next start would not notice (ServiceClock::resume_after()).
constexpr std::chrono::seconds kUnnoticed{1};

}  // namespace

void ClockKeeper::start(Schedule& schedule) {
  task_ = schedule.every(kServiceInterval, "time kept", [this] { keep_now_and_then(); });
}

void ClockKeeper::keep() {
  const std::lock_guard lock(mutex_);
  if (clock_.state().offset < kUnnoticed) return;
  kept_ = std::chrono::steady_clock::now();
  // Any commit will do.
  const auto kept = engine_.catalog().put_document("clock", "moved", "{}");
  if (!kept && !is_failing_) {
    log::warn("what time it is, is not kept for the next start", {{"error", kept.error().message}});
  }
  is_failing_ = !kept;
}

void ClockKeeper::keep_now_and_then() {
  {
    const std::lock_guard lock(mutex_);
    if (std::chrono::steady_clock::now() - kept_ < kRealInterval) return;
  }
  keep();
}

}  // namespace tidemark::server

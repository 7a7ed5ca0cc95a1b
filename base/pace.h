// Holds work to a rate, by real time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>

namespace tidemark {

// Thread-safe.
class Pace {
 public:
  // So many units a second; nothing: as fast as it goes.
  explicit Pace(std::optional<std::int64_t> units_per_second) : units_per_second_(units_per_second) {}

  // Waits until what was taken before has had its time, or until the stop is requested, and takes `units`.
  void take(std::int64_t units, const std::stop_token& stop) {
    if (!units_per_second_) return;
    std::unique_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (free_at_ < now) free_at_ = now;
    const auto turn = free_at_;
    free_at_ += std::chrono::microseconds(units * 1'000'000 / *units_per_second_);
    changed_.wait_until(lock, stop, turn, [] { return false; });
  }

 private:
  const std::optional<std::int64_t> units_per_second_;
  std::mutex mutex_;
  std::condition_variable_any changed_;              // never told: it is waited for time, or the stop
  std::chrono::steady_clock::time_point free_at_{};  // guarded by mutex_
};

}  // namespace tidemark

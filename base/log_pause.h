// Holds lines back that could come with every request: while something lasts, a full disk for one, one a
// second says so.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace tidemark::log {

// For one kind of line. Thread-safe.
class Pause {
 public:
  using Steady = std::chrono::steady_clock;

  // How many were held back since the last one; nothing: this one is, too.
  std::optional<std::uint64_t> over(Steady::time_point now = Steady::now()) {
    const std::int64_t ticks = now.time_since_epoch().count();
    std::int64_t next = next_.load(std::memory_order_relaxed);
    const std::int64_t after = ticks + Steady::duration(std::chrono::seconds(1)).count();
    if (ticks < next || !next_.compare_exchange_strong(next, after)) {
      left_out_.fetch_add(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    return left_out_.exchange(0);
  }

 private:
  std::atomic<std::int64_t> next_ = 0;
  std::atomic<std::uint64_t> left_out_ = 0;
};

}  // namespace tidemark::log

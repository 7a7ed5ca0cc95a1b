#include "base/live_traffic.h"

#include <atomic>
#include <ctime>

namespace tidemark {
namespace {

constexpr std::int64_t kWindowMs = 128;
constexpr int kRequestsOfTraffic = 8;  // in a window
constexpr std::int64_t kStaysLiveMs = 1000;

std::atomic<std::int64_t> live_until_ms = 0;

std::int64_t now_ms() {
  std::timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec * std::int64_t{1000} + now.tv_nsec / 1'000'000;
}

}  // namespace

bool is_traffic_live() { return now_ms() < live_until_ms.load(std::memory_order_relaxed); }

void TrafficMeter::count() {
  const std::int64_t now = now_ms();
  if (const std::int64_t window = now / kWindowMs; window != window_) {
    window_ = window;
    requests_ = 0;
  }
  // Once in a window: other threads read it.
  if (++requests_ == kRequestsOfTraffic) {
    live_until_ms.store(now + kStaysLiveMs, std::memory_order_relaxed);
  }
}

}  // namespace tidemark

// How much memory the bodies of all requests in progress may take together.
#pragma once

#include <atomic>
#include <cstdint>

namespace tidemark::api {

// Thread-safety: all methods may be called concurrently.
class BodyBudget {
 public:
  explicit BodyBudget(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  [[nodiscard]] std::uint64_t held() const { return held_.load(std::memory_order_relaxed); }

 private:
  friend class BodyShare;
  const std::uint64_t bytes_max_;
  std::atomic<std::uint64_t> held_{0};
};

// What one request holds of the budget; given back at the end of its life. For one thread at a time.
class BodyShare {
 public:
  // So much is free for every request: while large bodies use the budget up, ordinary requests go on.
  static constexpr std::uint64_t kFreeBytes = 64 << 10;

  // The budget must outlive the share.
  explicit BodyShare(BodyBudget& budget) : budget_(budget) {}
  ~BodyShare() { budget_.held_.fetch_sub(held_, std::memory_order_relaxed); }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  // Whether a body may grow to this size; false when others hold too much.
  [[nodiscard]] bool grow_to(std::uint64_t body_bytes);

 private:
  BodyBudget& budget_;
  std::uint64_t held_ = 0;
};

}  // namespace tidemark::api

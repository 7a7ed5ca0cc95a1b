// What one thread hands to another to be carried out there.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "base/move_only_function.h"

namespace tidemark {

// First in, first out, for any number of threads on both sides. Who puts takes no lock, and so never waits
// for a thread that was interrupted, which on a busy machine, and at a low priority, does not go on for a
// second. Those who take may wait for each other. What is left at the end is destroyed, not called.
//
// Why none of a library: those of Boost and of moodycamel reuse what others may still be reading, or order it
// by fences; ThreadSanitizer can follow neither.
class HandOverQueue {
 public:
  HandOverQueue() = default;
  ~HandOverQueue() {
    while (take()) {
    }
  }
  HandOverQueue(const HandOverQueue&) = delete;
  HandOverQueue& operator=(const HandOverQueue&) = delete;

  void put(MoveOnlyFunction<void()> task) {
    auto* const link = new Link{std::move(task), newest_.load(std::memory_order_relaxed)};
    // Whatever happened to the newest in between, it is the newest now if its address is.
    while (!newest_.compare_exchange_weak(link->next, link, std::memory_order_release,
                                          std::memory_order_relaxed)) {
    }
  }
  // An empty one: there is nothing.
  MoveOnlyFunction<void()> take() {
    const std::lock_guard lock(takers_);
    if (oldest_ == nullptr) turn_round();
    if (oldest_ == nullptr) return {};
    const std::unique_ptr<Link> link(oldest_);
    oldest_ = link->next;
    return std::move(link->task);
  }

 private:
  struct Link {
    MoveOnlyFunction<void()> task;
    Link* next;  // the one put before; behind turn_round(), the one put after
  };

  // Takes all that was put, of which the newest comes first.
  void turn_round() {
    Link* link = newest_.exchange(nullptr, std::memory_order_acquire);
    while (link != nullptr) {
      Link* const before = std::exchange(link->next, oldest_);
      oldest_ = link;
      link = before;
    }
  }

  std::atomic<Link*> newest_ = nullptr;
  std::mutex takers_;
  Link* oldest_ = nullptr;  // guarded by takers_
};

}  // namespace tidemark

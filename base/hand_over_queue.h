// What one thread hands to another to be carried out there.
#pragma once

#include <boost/lockfree/queue.hpp>
#include <memory>

#include "base/move_only_function.h"

namespace tidemark {

// First in, first out, as long as there is memory. Takes no lock: neither side ever waits for a thread of the
// other that was interrupted, which on a busy machine, and at a low priority, does not go on for a second.
// Thread-safe. What is left at the end is destroyed, not called.
class HandOverQueue {
 public:
  HandOverQueue() : tasks_(kRoomAtFirst) {}
  ~HandOverQueue() {
    while (take()) {
    }
  }
  HandOverQueue(const HandOverQueue&) = delete;
  HandOverQueue& operator=(const HandOverQueue&) = delete;

  void put(MoveOnlyFunction<void()> task) {
    auto held = std::make_unique<MoveOnlyFunction<void()>>(std::move(task));
    tasks_.push(held.get());
    static_cast<void>(held.release());
  }
  // An empty one: there is nothing.
  MoveOnlyFunction<void()> take() {
    MoveOnlyFunction<void()>* task = nullptr;
    if (!tasks_.pop(task)) return {};
    const std::unique_ptr<MoveOnlyFunction<void()>> held(task);
    return std::move(*held);
  }

 private:
  static constexpr std::size_t kRoomAtFirst = 128;

  boost::lockfree::queue<MoveOnlyFunction<void()>*> tasks_;
};

}  // namespace tidemark

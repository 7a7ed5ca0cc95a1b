// A value that comes later, on some thread, and that no thread waits for.
#pragma once

#include <mutex>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/move_only_function.h"

namespace tidemark {

// Thread-safety: all methods may be called concurrently.
template <class Value>
class Later {
 public:
  // Call it once.
  void give(Value value) {
    MoveOnlyFunction<void()> there;
    {
      const std::lock_guard lock(mutex_);
      INVARIANT(!value_);
      value_ = std::move(value);
      there = std::move(there_);
    }
    if (there) there();
  }

  // Calls `there` once there is a value, on any thread, perhaps before this returns. Call it once.
  void when_there(MoveOnlyFunction<void()> there) {
    {
      const std::lock_guard lock(mutex_);
      if (!value_) {
        there_ = std::move(there);
        return;
      }
    }
    there();
  }

  // Nothing while there is none.
  [[nodiscard]] std::optional<Value> look() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Value> value_;  // guarded by mutex_, as is the next
  MoveOnlyFunction<void()> there_;
};

}  // namespace tidemark

// A shared mutex that nobody is kept out of.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace tidemark::s3emu {

// A shared mutex on which those who want it alone get their turn: whoever comes after them waits behind them,
// shared or not. With the standard one a stream of commits could keep them out for good. Not recursive, not
// even when shared.
class FairGate {
 public:
  void lock() {
    const std::scoped_lock turn(turn_);
    gate_.lock();
  }
  void unlock() { gate_.unlock(); }
  void lock_shared() {
    const std::scoped_lock turn(turn_);
    gate_.lock_shared();
  }
  void unlock_shared() { gate_.unlock_shared(); }

 private:
  std::mutex turn_;
  std::shared_mutex gate_;
};

}  // namespace tidemark::s3emu

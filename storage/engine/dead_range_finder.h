// Confirms the dead ranges that readers were slow in, in the background: see storage/store/dead_ranges.h.
#pragma once

#include <stop_token>

#include "base/worker.h"
#include "storage/commit/committer.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {

class DeadRangeFinder {
 public:
  // Both must outlive it, and no reader may be slow when it goes.
  DeadRangeFinder(RocksStore& store, Committer& committer);
  ~DeadRangeFinder();
  DeadRangeFinder(const DeadRangeFinder&) = delete;
  DeadRangeFinder& operator=(const DeadRangeFinder&) = delete;

  // Waits until everything reported so far was looked at.
  void drain() { worker_.drain(); }

 private:
  void work(const std::stop_token& stop);
  void confirm(const SlowRange& slow, const std::stop_token& stop);

  RocksStore& store_;
  Committer& committer_;
  Worker worker_;  // last: uses what is above
};

}  // namespace tidemark::storage

// Puts the items of a global table into the replicas that were added to it, in the background.
//
// Writes go to all replicas from the moment at which they belong together. What was there before is walked
// through, replica by replica: under the lock that all copies of an item share, those that lack it get it. A
// restart begins at the first item again and finds the copies that are there already. Copies that differ, as
// when tables were written to while they were united, become what was written last.
//
// A replica that was made for the purpose is ACTIVE when it has everything, and its stream begins there.
#pragma once

#include <atomic>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "base/worker.h"
#include "storage/chores/item_walk.h"
#include "storage/commit/committer.h"
#include "storage/engine.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {

class ReplicaFill {
 public:
  // All must outlive this.
  struct Parts {
    Engine* engine = nullptr;
    const RocksStore* store = nullptr;
    Committer* committer = nullptr;
  };

  explicit ReplicaFill(const Parts& parts);
  ReplicaFill(const ReplicaFill&) = delete;
  ReplicaFill& operator=(const ReplicaFill&) = delete;

  // There is a replica to fill, or there may be. Never blocks for long.
  void wake() { worker_.wake(); }
  // The last run found no space on the disk: it has to be woken when there is some. Thread-safe.
  [[nodiscard]] bool waits_for_space() const { return waits_for_space_.load(); }

 private:
  void run(const std::stop_token& stop);
  // Until the replica has the items of all others, or is gone.
  Result<void> fill(const Table& replica, const std::stop_token& stop);
  Result<void> walk_through(const Table& source, const std::stop_token& stop);
  // The next step of a walk through a replica. Errors: kNotFound, kConflict when a replica is gone or is not
  // as it was: the walk then stays where it is.
  Result<void> copy_some(const TablePtr& source, ItemWalk* walk);
  // Makes the copies of an item, which must be locked, alike.
  Result<void> append_missing(const TablePtr& source, const std::vector<TablePtr>& peers,
                              const model::Key& key, std::vector<OwnedWrite>* writes) const;

  const Parts parts_;
  bool is_failing_ = false;  // of the worker's thread
  std::atomic<bool> waits_for_space_{false};
  Worker worker_;  // last: the thread uses what is above
};

}  // namespace tidemark::storage

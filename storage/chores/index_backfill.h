// Puts the items of a table into a global or vector index that was added to it, in the background.
//
// Writes keep the new index from the moment at which it is there. What they find of an item depends on
// whether this chore has come by, so that both look, under the item's lock, which entries there are
// (commit/index_writer.h): each entry is put, and counted, once. A restart begins at the first item again and
// finds the entries of those that it has passed.
//
// Items that do not fit the index's key or vector, or lack a part of it, are left out, as DynamoDB does.
// Source: DynamoDB developer guide, "Managing global secondary indexes".
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

class IndexBackfill {
 public:
  // All must outlive this.
  struct Parts {
    Engine* engine = nullptr;
    const RocksStore* store = nullptr;
    Committer* committer = nullptr;
  };

  explicit IndexBackfill(const Parts& parts);
  IndexBackfill(const IndexBackfill&) = delete;
  IndexBackfill& operator=(const IndexBackfill&) = delete;

  // There is an index to fill, or there may be. Never blocks for long.
  void wake() { worker_.wake(); }
  // The last run found no space on the disk: it has to be woken when there is some. Thread-safe.
  [[nodiscard]] bool waits_for_space() const { return waits_for_space_.load(); }

 private:
  void run(const std::stop_token& stop);
  // Until every index of the table is filled, or gone.
  Result<void> fill(const Table& table, const std::stop_token& stop);
  // The next step of a walk through the table. Errors: kNotFound, kConflict when the table is gone or is not
  // as it was: the walk then stays where it is.
  Result<void> fill_some(const TablePtr& table, ItemWalk* walk);
  // What the items lack, which must be locked.
  Result<std::vector<OwnedWrite>> missing_entries(const Table& table, const std::vector<ItemRef>& items,
                                                  Transaction* transaction) const;

  const Parts parts_;
  bool is_failing_ = false;  // of the worker's thread
  std::atomic<bool> waits_for_space_{false};
  Worker worker_;  // last: the thread uses what is above
};

}  // namespace tidemark::storage

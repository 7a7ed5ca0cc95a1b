// Puts the items of a table into its expiry index, which writes have kept since time to live was enabled.
//
// No item is locked: an entry that a write has made untrue meanwhile is a hint that nobody will act on
// (storage/commit/expiry_index.h).
#pragma once

#include "base/result.h"
#include "storage/chores/item_walk.h"
#include "storage/commit/committer.h"
#include "storage/table.h"

namespace tidemark::storage {

class ExpiryIndexer {
 public:
  // It must outlive this.
  explicit ExpiryIndexer(Committer& committer) : committer_(committer) {}

  // The next step of a walk through the table. Errors: kNotFound, kConflict when the table is gone or is not
  // as it was: the walk then stays where it is; kIo, kNoSpace, kCorruption.
  Result<void> index_some(const Table& table, ItemWalk* walk);

 private:
  Committer& committer_;
};

}  // namespace tidemark::storage

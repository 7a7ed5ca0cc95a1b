// Puts the items of a table into its expiry index, which writes have kept since time to live was enabled.
//
// No item is locked: an entry that a write has made untrue meanwhile is a hint that nobody will act on
// (storage/commit/expiry_index.h).
#pragma once

#include <string>

#include "base/result.h"
#include "storage/commit/committer.h"
#include "storage/store/rocks.h"
#include "storage/table.h"

namespace tidemark::storage {

class ExpiryIndexer {
 public:
  // Both must outlive it.
  ExpiryIndexer(const RocksStore& store, Committer& committer) : store_(store), committer_(committer) {}

  // Looks at some items behind the one at `*after` (empty: from the first one), in a moment, and moves it on;
  // leaves it empty at the end. Errors: kNotFound, kConflict when the table is gone or is not as it was:
  // `*after` then stays; kIo, kNoSpace, kCorruption.
  Result<void> index_some(const Table& table, std::string* after);

 private:
  const RocksStore& store_;
  Committer& committer_;
};

}  // namespace tidemark::storage

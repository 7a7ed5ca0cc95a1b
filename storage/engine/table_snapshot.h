// The state of a table at a moment: live items as they were when the snapshot was taken, and where an item
// changed between the moment and then, what it was before its first change.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "storage/history/pin.h"
#include "storage/snapshot.h"
#include "storage/store/rocks.h"
#include "storage/table.h"

namespace tidemark::storage {

// Ready to be read. `live` and `history` must have been taken together under the committer's gate; `history`
// is null for a snapshot of now. `store` must outlive the snapshot.
std::unique_ptr<TableSnapshot> make_table_snapshot(const RocksStore& store, TablePtr table, Timestamp time,
                                                   std::unique_ptr<RocksSnapshot> live,
                                                   std::shared_ptr<const HistoryPin> history);

}  // namespace tidemark::storage

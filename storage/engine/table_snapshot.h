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

// The moment that a read at `time` shows: itself while the history is exact, before that the start of its
// second, but never before `enabled_at`. Ask after pinning, with the clock read after pinning, and judge the
// window with that clock too: history may be merged or dropped until it is pinned.
Timestamp readable_time(Timestamp time, Timestamp now, std::int64_t exact_seconds, Timestamp enabled_at,
                        const HistoryPin& history);

}  // namespace tidemark::storage

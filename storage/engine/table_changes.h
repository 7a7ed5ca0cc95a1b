// What changed in a window: the keys that the history names, joined with the live items of those that did not
// change again.
#pragma once

#include <memory>

#include "base/clock.h"
#include "storage/changes.h"
#include "storage/history/pin.h"
#include "storage/store/rocks.h"
#include "storage/table.h"

namespace tidemark::storage {

// `live` and `history` must have been taken together under the committer's gate. `store` must outlive the
// result.
std::unique_ptr<TableChanges> make_table_changes(const RocksStore& store, TablePtr table, Timestamp from,
                                                 Timestamp to, std::unique_ptr<RocksSnapshot> live,
                                                 std::shared_ptr<const HistoryPin> history);

}  // namespace tidemark::storage

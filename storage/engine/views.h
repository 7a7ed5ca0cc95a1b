// Reading tables as they were at one moment: now, or in the past.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "storage/commit/late_copies.h"
#include "storage/history/pin.h"
#include "storage/item_history.h"
#include "storage/read_view.h"
#include "storage/store/rocks.h"
#include "storage/table.h"

namespace tidemark::storage {

// `store` must outlive the views.
std::unique_ptr<ReadView> make_view(const RocksStore& store);

// What replicas show where replication lags: what is there, but for what is late. To be called in
// Committer::with_applied(), with the time that it says. `copies` must outlive the view.
std::unique_ptr<ReadView> make_late_view(const RocksStore& store, LateCopies& copies, Timestamp seen);

// A cursor that keeps its view.
std::unique_ptr<Cursor> make_cursor_of_view(std::unique_ptr<ReadView> view, const Target& target,
                                            const KeyRange& range, const ReadOptions& options);

struct PastTable {
  TableId id{};
  Timestamp time;  // the moment that is shown
  std::shared_ptr<const HistoryPin> history;
};

// A view of these tables alone. `live` and all of their histories must have been taken together under the
// committer's gate.
std::unique_ptr<ReadView> make_past_view(const RocksStore& store, std::unique_ptr<RocksSnapshot> live,
                                         std::vector<PastTable> tables);

// `live` and `history` as above; the history is complete from `from` on.
std::unique_ptr<ItemHistory> make_item_history(const RocksStore& store, std::unique_ptr<RocksSnapshot> live,
                                               std::shared_ptr<const HistoryPin> history,
                                               std::string state_key, Timestamp from);

}  // namespace tidemark::storage

// Deletes items whose time to live has passed, in the background, by the service's clock.
//
// An item is deleted through a transaction like a client's, of origin kTtl, so that indexes, history and
// readers of the change log see it. Under its lock it is asked once more when it expires: one that was given
// a new time is left alone.
//
// A move of the clock stops at the second at which the next item is due (as long as there are not too many of
// them, base/schedule.h), so that items are deleted at the times at which they would have been.
//
// What is due is read from the table's expiry index. When time to live is enabled on a table that has items,
// they are put into it first; a restart begins that anew.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/schedule.h"
#include "base/worker.h"
#include "storage/commit/committer.h"
#include "storage/commit/expiry_watch.h"
#include "storage/engine.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {

class TtlSweeper {
 public:
  // All must outlive the sweeper.
  struct Parts {
    Engine* engine = nullptr;
    const RocksStore* store = nullptr;
    Committer* committer = nullptr;
    ExpiryWatch* watch = nullptr;
    const Clock* clock = nullptr;
    std::chrono::microseconds lag{0};  // from the time of an item to its deletion, at the least
  };

  // Looks at each full second from now on.
  TtlSweeper(const Parts& parts, Schedule& schedule);
  TtlSweeper(const TtlSweeper&) = delete;
  TtlSweeper& operator=(const TtlSweeper&) = delete;

 private:
  // An entry of an expiry index.
  struct Due {
    std::string entry;  // its key
    std::int64_t expires_at = 0;
    model::Key key;  // of the item
  };
  // Which times are looked at: both included, in seconds since 1970.
  struct Span {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };

  void run(const std::stop_token& stop);
  // When it has something to do next; nothing while that is not known.
  [[nodiscard]] std::optional<Timestamp> next_due() const;
  [[nodiscard]] std::vector<TablePtr> tables() const;
  // The table as it is now; null when nothing of it may be deleted any more, or not yet: a replica that is
  // being filled waits, and its copies go with those that they were made of.
  [[nodiscard]] TablePtr current(const Table& table) const;

  Result<void> sweep_all(const std::stop_token& stop);
  Result<void> sweep(const Table& table, Span span, const std::stop_token& stop);
  Result<void> sweep_span(const Table& table, const Span& span, const std::stop_token& stop);
  // Some entries of different items, behind `after` or from the first one.
  [[nodiscard]] Result<std::vector<Due>> next_batch(const Table& table, const Span& span,
                                                    const std::string& after) const;
  Result<void> delete_items(const TablePtr& table, const std::vector<Due>& batch);
  Result<void> forget(std::vector<std::string> entries);
  // Tells the watch what is left.
  Result<void> note_first_after(TableId index, std::int64_t last);
  Result<void> index_items(const Table& table, const std::stop_token& stop);

  const Parts parts_;
  std::optional<std::int64_t> last_sweep_;  // in seconds since 1970
  std::atomic<bool> is_failing_ = false;
  // Last: the thread uses what is above.
  Worker worker_;
  ScheduledTask due_;
};

}  // namespace tidemark::storage

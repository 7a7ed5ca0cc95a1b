// Gives the items of tables what they lack of something new, in the background: of an index their entries, of
// a replica their copies.
//
// Whoever writes an item keeps what is new from the moment at which it is there. What was there before is
// walked through, some items at a time: under the locks of these, one commit puts what they lack. Nothing is
// noted on the way: a restart, as a run after a failure, begins at the first item again and finds what those
// have that were passed.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/worker.h"
#include "storage/chores/item_walk.h"
#include "storage/commit/committer.h"
#include "storage/engine.h"
#include "storage/store/rocks.h"
#include "wal/record.h"

namespace tidemark::storage {

// All must outlive the backfill.
struct BackfillParts {
  Engine* engine = nullptr;
  const RocksStore* store = nullptr;
  Committer* committer = nullptr;
};

// What is new, and what the items lack of it. Called by the backfill's thread alone, but for traits().
class BackfillKind {
 public:
  struct Traits {
    std::string_view thread_name;
    wal::Origin origin;  // of the commits
    // What the log says of a failure, once until a run has none: the disk is full, or anything else.
    std::string_view waits_for_space;
    std::string_view failed;
  };
  // For one commit.
  struct Missing {
    std::vector<OwnedWrite> writes;
    std::optional<ReplicaGroups::Epoch> replica_epoch = {};  // as Commit has it
    std::vector<TablePtr> tables = {};  // those that the writes name, but for the one walked through
  };

  virtual ~BackfillKind() = default;

  // The same for as long as this lives.
  [[nodiscard]] virtual const Traits& traits() const = 0;
  // Whether something of the table is to be filled.
  [[nodiscard]] virtual bool is_wanted(const Table& table) const = 0;
  // The tables that are walked through for it, one after the other.
  [[nodiscard]] virtual std::vector<TableId> sources(const Table& table) const = 0;
  // Whether the walk goes on, by what the table that it goes through has become.
  [[nodiscard]] virtual bool is_source(const Table& source) const = 0;
  // What items of `source` lack, which `transaction` has locked. Errors: kIo, kCorruption.
  virtual Result<Missing> missing(const TablePtr& source, const std::vector<ItemRef>& items,
                                  Transaction* transaction) const = 0;
  // All sources were walked through since the table was `table`: what was new then is full. Whatever is gone
  // is no error.
  virtual Result<void> note_filled(const Table& table) = 0;
};

class Backfill {
 public:
  Backfill(const BackfillParts& parts, std::unique_ptr<BackfillKind> kind);
  Backfill(const Backfill&) = delete;
  Backfill& operator=(const Backfill&) = delete;

  // There is something to fill, or there may be. Never blocks for long.
  void wake() { worker_.wake(); }
  // The last run found no space on the disk: it has to be woken when there is some. Thread-safe.
  [[nodiscard]] bool waits_for_space() const { return waits_for_space_.load(); }

 private:
  void run(const std::stop_token& stop);
  // Until everything that is new in `table` is full, or gone.
  Result<void> fill(const Table& table, const std::stop_token& stop);
  // False when a stop has cut it off.
  Result<bool> walk_through(TableId source, const std::stop_token& stop);
  // The next step of a walk. Errors: kNotFound, kConflict when a table is gone or is not as it was: the walk
  // then stays where it is.
  Result<void> fill_some(const TablePtr& source, ItemWalk* walk);

  const BackfillParts parts_;
  const std::unique_ptr<BackfillKind> kind_;
  bool is_failing_ = false;  // of the worker's thread
  std::atomic<bool> waits_for_space_{false};
  Worker worker_;  // last: the thread uses what is above
};

}  // namespace tidemark::storage

// What must stay of the past, decided in one place: by the windows of point-in-time recovery and by holds.
//
// ON DISK: a hold is a document of the catalog, ("hold", who), of which the table is always there:
//   {"table":1,"history_from_us":1767225600000000,"log_from":42,"log_seconds":86400,"only_moment":true}
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "storage/catalog/catalog_store.h"
#include "storage/commit/committer.h"
#include "storage/history/history.h"
#include "storage/history/need.h"
#include "storage/holds.h"
#include "wal/live_log.h"

namespace tidemark::storage {

Document hold_document(const Hold& hold);

// What must stay of the history of these tables and of those that the holds name, at the time `now`.
HistoryNeeds history_needs(const std::vector<TablePtr>& tables, const std::vector<Hold>& holds,
                           Timestamp now);
// What must stay of the log: it is read from behind `replay_after` after a restart. Holds from a record on
// are not looked at, they have places in the log.
wal::LogNeed log_need(const std::vector<Hold>& holds, wal::SequenceNumber replay_after, Timestamp now);

struct RetentionParts {
  CatalogStore* catalog = nullptr;
  Committer* committer = nullptr;
  History* history = nullptr;
  wal::LiveLog* log = nullptr;
  Clock* clock = nullptr;
  std::int64_t exact_history_seconds = 0;  // younger history is exact to the microsecond
};

class Retention final : public Holds {
 public:
  // Takes up the holds in the catalog. All parts must outlive it. Errors: kCorruption.
  static Result<std::unique_ptr<Retention>> open(const RetentionParts& parts);

  Result<Hold> hold(Hold hold) override;
  Result<Hold> move_forward(std::string_view who, std::optional<Timestamp> history_from,
                            std::optional<wal::SequenceNumber> log_from) override;
  Result<void> release(std::string_view who) override;
  [[nodiscard]] std::optional<Hold> find(std::string_view who) const override;
  [[nodiscard]] std::vector<Hold> list() const override;

  // For whoever deletes a table, which must be held still: holds its last state as deleted_table_hold(), from
  // now on, and returns the document by which a restart will know. The second takes that back.
  Document hold_last_state(TableId table);
  void forget_last_state(TableId table);

  // Drops the retired tables that nobody holds any more.
  Result<void> drop_unheld();

  // What must stay of the history while the rest goes: see DecideHistory. Judged by the clock's
  // forgetting_time(), as is what stays of the log.
  HistoryNeeds decide_history();
  // The same, while history before `exact_from` is thinned out to whole seconds and exact moments.
  HistoryNeeds decide_thinning(Timestamp exact_from);
  [[nodiscard]] wal::LogNeed log_need(wal::SequenceNumber replay_after) const;

  // The moment that a read of `table` at `time` shows. `history` must be pinned already: until it is, what is
  // needed may be dropped. Errors: kInvalidArgument when the time is before the window of point-in-time
  // recovery (and `with_holds`, before every hold), or history that it needs is gone.
  [[nodiscard]] Result<Timestamp> readable_moment(const TablePtr& table, const HistoryPin& history,
                                                  Timestamp time, bool with_holds) const;
  // The first moment that readable_moment() would show, with holds, as it would all later ones. Errors:
  // kInvalidArgument.
  [[nodiscard]] Result<Timestamp> readable_from(const TablePtr& table, const HistoryPin& history) const;

 private:
  struct Held {
    Hold hold;
    std::shared_ptr<wal::LiveLog::Place> place;  // with log_from
  };

  explicit Retention(const RetentionParts& parts);
  Result<void> load(const std::string& who, std::string_view json);
  // Before it, history is exact to the second only.
  [[nodiscard]] Timestamp exact_from(const HistoryPin& history, Timestamp now) const;
  // These need change_mutex_.
  Result<void> take(Hold* hold, std::unique_ptr<wal::LiveLog::Place> place);
  void forget(const Hold& hold);
  Result<void> save(const Hold& hold);
  [[nodiscard]] Result<Timestamp> later_moment(const Hold& hold, Timestamp asked) const;
  // These need mutex_.
  [[nodiscard]] Result<Timestamp> first_moment(const Hold& hold,
                                               const CatalogStore::HistoryStart& start) const;
  // Where a hold truly begins that is to begin at `asked`.
  [[nodiscard]] Result<Timestamp> held_moment(const Hold& hold, Timestamp asked) const;
  [[nodiscard]] std::vector<Hold> holds() const;
  [[nodiscard]] std::vector<Hold> holds_of(TableId table) const;
  [[nodiscard]] bool holds_history_of(TableId table) const;
  void add(Held held);
  // What is removed may have to close files: let go of it without mutex_.
  std::optional<Held> remove(std::string_view who);

  CatalogStore& catalog_;
  Committer& committer_;
  History& history_;
  wal::LiveLog& log_;
  Clock& clock_;
  const std::int64_t exact_history_seconds_;

  std::mutex change_mutex_;   // held while holds change; before the catalog's locks and mutex_
  mutable std::mutex mutex_;  // short; the log asks for its need, so it must not be called under it
  std::map<std::string, Held, std::less<>> holds_;                 // guarded by mutex_, as are the next three
  std::map<TableId, std::set<std::string, std::less<>>> holders_;  // of each table
  // Up to where the history of a table that is needed has been given up by a decision, carried out or not.
  HistoryLosses given_up_;
  Timestamp thinned_before_;  // likewise: what is older is not exact any more
};

}  // namespace tidemark::storage

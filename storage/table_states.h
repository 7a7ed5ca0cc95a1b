// The life of tables: created, filled, changed, deleted. The one way to change what the catalog says of a
// table, and the one place that assigns states to tables and indexes.
//
// A change passes through a state, as the service's do: CREATING, UPDATING, DELETING. The verbs answer with
// the table in that state, for the client to see. How long it lasts is told by TransitionTimes; where that is
// not at all, the catalog never holds the passing state, and the next request finds the table ready or gone.
// Otherwise it is stored with the time at which it ends, and a restart goes on with it.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "storage/table.h"

namespace tidemark::storage {

// By the engine's clock. Zero: over before the request is answered.
struct TransitionTimes {
  std::chrono::microseconds create{0};  // the table with its indexes
  std::chrono::microseconds update{0};
  std::chrono::microseconds delete_index{0};  // the table itself is ACTIVE again after `update`
  std::chrono::microseconds delete_table{0};
  std::chrono::microseconds ttl{0};  // ENABLING and DISABLING
};
// About as long as the service takes with small tables.
inline constexpr TransitionTimes kServiceTransitionTimes{.create = std::chrono::seconds(8),
                                                         .update = std::chrono::seconds(10),
                                                         .delete_index = std::chrono::seconds(60),
                                                         .delete_table = std::chrono::seconds(5),
                                                         .ttl = std::chrono::hours(1)};

// What an update does to indexes that are there.
struct IndexChanges {
  std::vector<TableId> updated;
  std::vector<TableId> deleted;
};

// Another replica of a table that is held still: changed with it, in the same commit.
struct PeerChange {
  TablePtr table;
  model::TableSchema settings;  // as those of the table itself
  Replica replica;
  IndexChanges indexes;
};

// A replica that is to be made. Account and name are those of the table that is held.
struct NewReplica {
  model::TableSchema schema;
  Replica replica;  // of which the group, and whether it is filling, are given
};

// A table held still, to be judged and changed: nobody else changes or removes it until this is gone, or one
// of the verbs has taken it. Keep it short: everybody who changes any table, or holds its history (holds.h),
// waits. Not thread-safe.
class TableChange {
 public:
  // For TableStates alone.
  TableChange(std::unique_lock<std::mutex> lock, TablePtr table, std::vector<PeerChange> peers = {})
      : lock_(std::move(lock)),
        table_(std::move(table)),
        settings_(table_->schema),
        replica_(table_->replica),
        peers_(std::move(peers)) {}

  [[nodiscard]] const TablePtr& table() const { return table_; }
  // A copy of the schema, to be edited. Keys of the table and of existing indexes must stay, as must the
  // existing indexes, their order and their ids; an index without an id is a new one. States are not edited
  // here: what is written over them is lost.
  [[nodiscard]] model::TableSchema& settings() { return settings_; }
  [[nodiscard]] const model::TableSchema& settings() const { return settings_; }
  // What it is in its global table, to be edited: all but the group, and whether it is filling.
  [[nodiscard]] std::optional<Replica>& replica() { return replica_; }
  [[nodiscard]] const std::optional<Replica>& replica() const { return replica_; }
  // The other replicas that are to stay, in the order of their ids.
  [[nodiscard]] std::vector<PeerChange>& peers() { return peers_; }
  [[nodiscard]] const std::vector<PeerChange>& peers() const { return peers_; }

 private:
  std::unique_lock<std::mutex> lock_;
  TablePtr table_;
  model::TableSchema settings_;
  std::optional<Replica> replica_;
  std::vector<PeerChange> peers_;
};

// Thread-safety: all methods may be called concurrently. Errors besides those named, of all methods: kIo,
// kNoSpace, kUnavailable; the table is then as it was.
class TableStates {
 public:
  virtual ~TableStates() = default;

  // Adds a table; account, region and name are the schema's, ids are given. With `filled_by` it stays
  // CREATING until filled() or abandon(). Errors: kAlreadyExists.
  virtual Result<TablePtr> begin_create(model::TableSchema schema,
                                        std::optional<FilledBy> filled_by = {}) = 0;
  // Whoever fills the table is done: it and its indexes are ACTIVE. Changes nothing when it already is.
  // Errors: kNotFound.
  virtual Result<TablePtr> filled(TableId id) = 0;
  // Whoever fills the table gives up: it is gone at once. Errors: kNotFound.
  virtual Result<void> abandon(TableId id) = 0;

  // Errors: kNotFound.
  virtual Result<TableChange> hold(TableId id) = 0;
  // The new settings hold at once; the table is UPDATING, an index DELETING until it is gone with the
  // attribute definitions that only it used. A new index is CREATING until index_filled(). The other replicas
  // change in the same commit, as their part of the change says.
  virtual Result<TablePtr> begin_update(TableChange change, const IndexChanges& indexes = {}) = 0;
  // DELETING, then gone with its items. Running snapshots keep reading.
  virtual Result<TablePtr> begin_delete(TableChange change) = 0;
  // New settings that no state announces: recovery, tags, policies. Those of other replicas likewise.
  virtual Result<TablePtr> save(TableChange change) = 0;

  // Time to live is ENABLING, then ENABLED; the table must have none. Items are kept in the order of their
  // times from now on, and those that were there are put into it in the background. So it is with the other
  // replicas of the table, also when it is disabled.
  virtual Result<TablePtr> enable_ttl(TableChange change, std::string attribute) = 0;
  // DISABLING, then gone; the table must have it.
  virtual Result<TablePtr> disable_ttl(TableChange change) = 0;
  // All items are in the order of their times. Changes nothing when that order is another one by now, or
  // none. Errors: kNotFound.
  virtual Result<void> ttl_indexed(TableId table, TableId index) = 0;

  // Called when a table was deleted of which the last state is held (deleted_table_hold() in holds.h), with
  // the tables locked: it must be quick, and may change documents. Set it before anybody deletes a table; an
  // empty one ends it. Tables that were deleted without it are found as the retired ones (catalog.h).
  virtual void on_retired(std::function<void(TableId table)> hook) = 0;

  // The entries of all items are in a new index: it is ACTIVE. Changes nothing when it already is, or is
  // being deleted. Errors: kNotFound.
  virtual Result<TablePtr> index_filled(TableId table, TableId index) = 0;

  // Makes tables that are replicas of the held one, and updates that one, in one commit. Every write goes to
  // all of them from then on; they are CREATING until the items that were there are in them. Errors:
  // kAlreadyExists, naming the region.
  virtual Result<TablePtr> add_replicas(TableChange change, std::vector<NewReplica> replicas) = 0;
  // Deletes these of the other replicas, and updates the held one, in one commit.
  virtual Result<TablePtr> remove_replicas(TableChange change, const std::vector<TableId>& replicas) = 0;
  // The held table and tables that are there become replicas of one global table, or join it. They should be
  // empty: what was written to one of them shortly before comes to all, the newest version of an item first.
  // Errors: kNotFound; kConflict when one of the others is a replica of another global table.
  virtual Result<void> unite(TableChange change, const std::vector<TableId>& others,
                             const Replica& replica) = 0;
  // The table stays, with its items, and is no replica any more. It must be one.
  virtual Result<void> leave(TableChange change) = 0;
  // The items of the others are in the replica: it is ACTIVE. Changes nothing when it already is. Errors:
  // kNotFound.
  virtual Result<void> replica_filled(TableId id) = 0;
};

}  // namespace tidemark::storage

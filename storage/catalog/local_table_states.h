// The life of tables over the catalog: each verb is one commit.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/schedule.h"
#include "storage/catalog/catalog_store.h"
#include "storage/catalog/retention.h"
#include "storage/catalog/stream_book.h"
#include "storage/table_states.h"

namespace tidemark::storage {

class LocalTableStates final : public TableStates {
 public:
  // All must outlive this.
  LocalTableStates(CatalogStore& catalog, StreamBook& streams, Retention& retention, Clock& clock,
                   Schedule& schedule, const TransitionTimes& times)
      : catalog_(catalog),
        streams_(streams),
        retention_(retention),
        clock_(clock),
        schedule_(schedule),
        times_(times) {}
  ~LocalTableStates() override;
  LocalTableStates(const LocalTableStates&) = delete;
  LocalTableStates& operator=(const LocalTableStates&) = delete;

  Result<TablePtr> begin_create(model::TableSchema schema, std::optional<FilledBy> filled_by) override;
  Result<TablePtr> filled(TableId id) override;
  Result<void> abandon(TableId id) override;
  Result<TableChange> hold(TableId id) override;
  Result<TablePtr> begin_update(TableChange change, const IndexChanges& indexes) override;
  Result<TablePtr> begin_delete(TableChange change) override;
  Result<TablePtr> save(TableChange change) override;
  Result<TablePtr> enable_ttl(TableChange change, std::string attribute) override;
  Result<TablePtr> disable_ttl(TableChange change) override;
  Result<void> ttl_indexed(TableId id, TableId index) override;
  Result<TablePtr> index_filled(TableId table, TableId index) override;
  Result<TablePtr> add_replicas(TableChange change, std::vector<NewReplica> replicas) override;
  Result<TablePtr> remove_replicas(TableChange change, const std::vector<TableId>& replicas) override;
  Result<void> unite(TableChange change, const std::vector<TableId>& others, const Replica& replica) override;
  Result<void> leave(TableChange change) override;
  Result<void> replica_filled(TableId id) override;
  void on_retired(std::function<void(TableId table)> hook) override { retired_hook_ = std::move(hook); }

  // Called whenever a table has an index to be filled, with the tables locked. Must be quick. Set it before
  // anybody changes a table.
  void on_new_index(std::function<void()> hook) { new_index_hook_ = std::move(hook); }

  // The same for a replica to be filled.
  void on_new_replica(std::function<void()> hook) { new_replica_hook_ = std::move(hook); }

  // Takes up what the end of the process cut off, without asking anybody. States whose time came meanwhile
  // end, the others are scheduled; a table that is being filled is left to its job, unless there is no such
  // job. Call it once, at start.
  void finish_interrupted();

 private:
  Result<TablePtr> create(model::TableSchema schema, std::optional<FilledBy> filled_by);
  Result<TablePtr> update(TableChange change, const IndexChanges& indexes);
  // The table that is held with its new settings, and ids for new indexes; the other replicas behind it.
  [[nodiscard]] std::vector<Table> edited(const TableChange& change);
  [[nodiscard]] Table edited(const Table& before, const model::TableSchema& settings);
  [[nodiscard]] std::vector<PeerChange> peers_of(const Table& table) const;
  [[nodiscard]] Table new_table(model::TableSchema schema);
  Result<Table> new_replica_table(NewReplica replica, const Table& source);
  Result<TablePtr> create_replicas(const TableChange& change, std::vector<NewReplica> replicas);
  std::vector<Partition> new_partitions(const model::TableSchema& schema);
  // Stores the table, or what comes of it when its states are over at once, and schedules the end of those
  // that are not. Returns it as it was handed in.
  Result<TablePtr> commit(Table passing, Timestamp now);
  // Several in one commit, the answer being the first.
  Result<TablePtr> commit_all(std::vector<Table> passing, Timestamp now);
  // The document of the table's stream, if that begins with its next state.
  Result<std::optional<Document>> stream_document_of(Table* passing);
  // What is to be done in one commit: tables stored, others gone. Of these, the last state stays while
  // recovery is on.
  Result<void> store(std::vector<CatalogStore::TablePut> puts, const std::vector<Table>& gone);
  void remove_if_orphaned(const Table& table);

  void plan(Timestamp due);
  void run_due();  // by the schedule
  // Ends every state whose time has come.
  void end_due_states(Timestamp now);

  CatalogStore& catalog_;
  StreamBook& streams_;
  Retention& retention_;
  Clock& clock_;
  Schedule& schedule_;
  const TransitionTimes times_;
  std::function<void()> new_index_hook_;
  std::function<void()> new_replica_hook_;
  std::function<void(TableId table)> retired_hook_;

  std::mutex plans_mutex_;                    // after the lock of the tables
  std::map<Timestamp, ScheduledTask> plans_;  // guarded by plans_mutex_, as is the next; by due time
  bool is_closing_ = false;
};

}  // namespace tidemark::storage

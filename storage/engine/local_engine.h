// The engine on one directory.
//
//   wal/        the change log: the truth
//   state/      RocksDB: live items, index entries, catalog; derived
//   history/    sealed runs of undo records
//   load/       temporary files of bulk loads
//   CHECKPOINT  up to where `state/` surely holds what the log says
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/schedule.h"
#include "base/worker.h"
#include "storage/catalog/catalog_store.h"
#include "storage/catalog/local_table_states.h"
#include "storage/catalog/retention.h"
#include "storage/catalog/stream_book.h"
#include "storage/chores/backfill.h"
#include "storage/chores/ttl_sweeper.h"
#include "storage/commit/checkpoint.h"
#include "storage/commit/committer.h"
#include "storage/commit/expiry_watch.h"
#include "storage/commit/item_locks.h"
#include "storage/commit/late_copies.h"
#include "storage/commit/receipt_store.h"
#include "storage/engine.h"
#include "storage/engine/dead_range_finder.h"
#include "storage/engine/space_reclaimer.h"
#include "storage/figures.h"
#include "storage/history/history.h"
#include "storage/load/sst_bulk_loader.h"
#include "storage/store/keys.h"
#include "storage/store/rocks.h"
#include "storage/streams/local_streams.h"
#include "wal/live_log.h"
#include "wal/writer.h"

namespace tidemark::storage {

class LocalEngine final : public Engine {
 public:
  static Result<std::unique_ptr<LocalEngine>> open(const EngineOptions& options, FileSystem& files,
                                                   Clock& clock, Schedule& schedule);
  ~LocalEngine() override;

  Catalog& catalog() override { return *catalog_; }
  Holds& holds() override { return *retention_; }
  TableStates& table_states() override { return *table_states_; }
  Streams& streams() override { return *streams_; }
  Result<std::optional<StoredItem>> get(const Table& table, const model::Key& key) override;
  std::unique_ptr<Cursor> read(const Target& target, const KeyRange& range,
                               const ReadOptions& options) override;
  std::unique_ptr<ReadView> view() override;
  Result<std::unique_ptr<ReadView>> view_at(const std::vector<TableId>& tables, Timestamp time) override;
  using Engine::begin;
  std::unique_ptr<Transaction> begin(wal::Origin origin) override;
  std::vector<LockConflict> held_items(const std::vector<ItemRef>& items) override;
  Receipts& receipts() override { return *receipts_; }
  [[nodiscard]] TableStats stats(TableId id) const override { return committer_->stats(id); }
  [[nodiscard]] std::uint64_t state_bytes(const Target& target) const override {
    return store_->size_bytes(space_of(target), id_range(target.id()));
  }
  [[nodiscard]] std::map<TableId, std::uint64_t> history_bytes() const override {
    return history_->size_bytes();
  }
  [[nodiscard]] std::vector<TableId> dropped() const override { return catalog_->dropped(); }
  [[nodiscard]] Room room() const override;
  [[nodiscard]] std::optional<Timestamp> last_commit_time() override;
  Result<std::unique_ptr<TableSnapshot>> snapshot(TableId id) override;
  using Engine::snapshot_at;
  Result<std::unique_ptr<TableSnapshot>> snapshot_at(TableId id, Timestamp time, Reach reach) override;
  using Engine::changes;
  Result<std::unique_ptr<TableChanges>> changes(TableId id, Timestamp from, Timestamp to,
                                                Reach reach) override;
  Result<Timestamp> readable_from(TableId id) override;
  // See storage/activity.h.
  Result<void> count_writes(TableId id, WriteCounts* counts) const {
    return history_->count_writes(id, counts);
  }
  Result<std::unique_ptr<ItemHistory>> item_history(TableId id, const model::Key& key) override;
  Result<bool> changed_since(TableId id, const model::Key& key, Timestamp time) override;
  Result<std::unique_ptr<BulkLoader>> bulk_loader(TableId id, const BulkLoadOptions& options) override;
  Result<std::optional<ResumedLoad>> resume_load(TableId id, const BulkLoadOptions& options) override;
  Result<void> discard_load(TableId id) override;
  wal::LiveLog& change_log() override { return *live_log_; }
  Result<void> maintain() override;

  // As in storage/figures.h.
  [[nodiscard]] std::vector<StoreFigure> figures() const;
  [[nodiscard]] DiskBytes disk_bytes() const;

 private:
  LocalEngine(const EngineOptions& options, FileSystem& files, Clock& clock);
  static wal::Space space_of(const Target& target) {
    return target.index != nullptr ? wal::Space::kIndex : wal::Space::kState;
  }
  // Whether what is shown of the table may be something else than what is there.
  [[nodiscard]] bool may_be_late(const Table& table) const;
  // A table with its history up to a moment, all of one instant: no later commit has a time at or before it.
  struct PinnedTable {
    TablePtr table;
    std::unique_ptr<RocksSnapshot> live;
    std::shared_ptr<const HistoryPin> history;
  };
  // Errors: kInvalidArgument when the moment is in the future; kNotFound.
  Result<PinnedTable> pin_table(TableId id, Timestamp time, Reach reach);

  Result<void> open_parts(Schedule& schedule);
  void sync_log_before_flush();
  BulkLoadTarget load_target(const TablePtr& table, Timestamp write_time);
  Result<void> ingest(const TablePtr& table, const BulkLoadFiles& load);
  // Removes what there is of the table and the indexes of a load.
  Result<void> clear(const BulkLoadFiles& load);

  Worker::Chore chore(Result<void> (LocalEngine::*work)(const std::stop_token&));
  void start_upkeep(Schedule& schedule);
  void start_ttl(Schedule& schedule);
  void start_backfill(Schedule& schedule);
  // Fills of indexes and replicas that found no space go on once there is some.
  void take_up_fills();
  void start_reclaim(Schedule& schedule);
  void after_group();
  bool has_room_now();
  // Whether what is in memory would find its place on disk, and a little more.
  [[nodiscard]] bool measure_room() const;
  Result<void> keep_up(const std::stop_token& stop);
  Result<void> merge_history(const std::stop_token& stop);
  // Leaves nothing to replay.
  Result<void> close();
  // Log bytes that were replayed at the start, and those written since: what a restart would have to replay,
  // had nothing been sealed and no checkpoint been written.
  [[nodiscard]] std::uint64_t replayable_bytes() const { return replayed_bytes_ + committer_->log_bytes(); }
  // These need maintenance_mutex_.
  Result<void> seal();
  Result<void> checkpoint();
  Result<void> trim_log();
  Result<void> make_room();
  [[nodiscard]] bool checkpoint_due() const;

  const EngineOptions options_;
  FileSystem& files_;
  Clock& clock_;
  LateCopies late_copies_;
  const std::string log_directory_;
  const std::string load_directory_;
  const std::string checkpoint_path_;

  // The log outlives RocksDB, whose flushes sync it; null until recovery is done.
  std::unique_ptr<wal::Writer> log_;
  std::atomic<wal::Writer*> log_to_sync_ = nullptr;
  std::unique_ptr<wal::LiveLog> live_log_;
  std::unique_ptr<RocksStore> store_;
  std::unique_ptr<History> history_;
  ExpiryWatch expiry_watch_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<CatalogStore> catalog_;
  std::unique_ptr<Retention> retention_;
  std::unique_ptr<StreamBook> stream_book_;
  std::unique_ptr<LocalStreams> streams_;
  std::unique_ptr<LocalTableStates> table_states_;
  std::unique_ptr<ReceiptStore> receipts_;
  ItemLocks item_locks_;
  std::unique_ptr<DeadRangeFinder> dead_range_finder_;
  std::unique_ptr<SpaceReclaimer> space_reclaimer_;

  std::mutex maintenance_mutex_;
  wal::SequenceNumber checkpointed_{};  // guarded by maintenance_mutex_, as is the next: what CHECKPOINT says
  wal::SequenceNumber replay_after_{};
  // replayable_bytes() when everything, or all but the newest run, was sealed last, and at the last
  // checkpoint; guarded the same way.
  std::uint64_t sealed_log_bytes_ = 0;
  std::uint64_t checkpoint_log_bytes_ = 0;
  std::uint64_t replayed_bytes_ = 0;  // of the log, at the start

  std::atomic<std::uint64_t> wake_at_log_bytes_ = 0;
  std::atomic<bool> is_short_of_room_ = false;
  std::atomic<std::int64_t> asked_for_room_at_ms_ = 0;  // by the steady clock
  // keep_up(), when the schedule says so, and merge_history() behind it. Last: the threads use what is above.
  std::unique_ptr<Worker> merging_;
  std::unique_ptr<Worker> upkeep_;
  ScheduledTask upkeep_due_;
  std::unique_ptr<TtlSweeper> ttl_sweeper_;
  std::unique_ptr<Backfill> index_backfill_;
  std::unique_ptr<Backfill> replica_fill_;
  ScheduledTask fills_due_;
  // The space reclaimer's.
  std::unique_ptr<Worker> reclaim_;
  ScheduledTask reclaim_due_;
};

}  // namespace tidemark::storage

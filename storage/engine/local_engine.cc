#include "storage/engine/local_engine.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/log.h"
#include "storage/chores/index_backfill.h"
#include "storage/chores/replica_fill.h"
#include "storage/commit/item_transaction.h"
#include "storage/commit/item_writes.h"
#include "storage/commit/recovery.h"
#include "storage/engine/table_changes.h"
#include "storage/engine/table_snapshot.h"
#include "storage/engine/views.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"
#include "storage/store/range_cursor.h"

namespace tidemark::storage {
namespace {

constexpr std::chrono::seconds kFillsInterval{1};

std::string in_the_future(Timestamp time, Timestamp now) {
  return format_iso_micros(time) + " is in the future: it is " + format_iso_micros(now);
}

}  // namespace
Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options, FileSystem& files, Clock& clock,
                                             Schedule& schedule) {
  return LocalEngine::open(options, files, clock, schedule);
}

LocalEngine::LocalEngine(const EngineOptions& options, FileSystem& files, Clock& clock)
    : options_(options),
      files_(files),
      clock_(clock),
      late_copies_(clock, options.replica_lag),
      log_directory_(options.directory + "/wal"),
      load_directory_(options.directory + "/load"),
      checkpoint_path_(options.directory + "/CHECKPOINT") {}

Result<std::unique_ptr<LocalEngine>> LocalEngine::open(const EngineOptions& options, FileSystem& files,
                                                       Clock& clock, Schedule& schedule) {
  std::unique_ptr<LocalEngine> engine(new LocalEngine(options, files, clock));
  RETURN_IF_ERROR(engine->open_parts(schedule));
  RETURN_IF_ERROR(engine->stream_book_->take_up());
  engine->start_upkeep(schedule);
  engine->start_reclaim(schedule);
  engine->start_backfill(schedule);
  engine->table_states_->finish_interrupted();  // its commits may wake the upkeep
  engine->start_ttl(schedule);
  return engine;
}

Result<void> LocalEngine::open_parts(Schedule& schedule) {
  RETURN_IF_ERROR(files_.create_directories(log_directory_));
  // RocksDB calls a directory that is not there yet an error.
  RETURN_IF_ERROR(files_.create_directories(options_.directory + "/state"));
  // Opening RocksDB also locks the directory, so it comes before everything that is read or written.
  ASSIGN_OR_RETURN(store_, RocksStore::open({.directory = options_.directory + "/state",
                                             .block_cache_bytes = options_.block_cache_bytes,
                                             .open_files_max = options_.state_files_max,
                                             .write_buffer_bytes = options_.write_buffer_bytes,
                                             .before_flush = [this] { sync_log_before_flush(); }}));
  ASSIGN_OR_RETURN(history_, History::open({.directory = options_.directory + "/history",
                                            .run_log_bytes = options_.history_segment_bytes,
                                            .run_changes = options_.history_segment_changes,
                                            .run_seconds = options_.history_segment_seconds},
                                           files_));
  ASSIGN_OR_RETURN(Checkpoint state, read_checkpoint(checkpoint_path_, files_));
  checkpointed_ = state.last.sequence;
  replay_after_ = state.replay_after;
  ASSIGN_OR_RETURN(replayed_bytes_, recover(log_directory_, files_, *store_, *history_, &state));

  ASSIGN_OR_RETURN(log_, wal::Writer::open(log_directory_, files_, wal::next(state.last.sequence)));
  log_to_sync_.store(log_.get());
  ASSIGN_OR_RETURN(live_log_, wal::LiveLog::open(log_directory_, files_, state.last.sequence));
  // A snapshot may have moved the time up to the next millisecond without leaving a trace in the log.
  if (wal::number(state.last.sequence) > 0) state.last.time = state.last.time.plus_micros(1'000);
  committer_ = std::make_unique<Committer>(CommitterParts{.store = store_.get(),
                                                          .history = history_.get(),
                                                          .log = log_.get(),
                                                          .readers = live_log_.get(),
                                                          .expiries = &expiry_watch_,
                                                          .clock = &clock_,
                                                          .sync_writes = options_.sync_writes},
                                           state.last, std::move(state.counters));
  late_copies_.catch_up(state.last.time);
  if (late_copies_.is_on()) {
    committer_->guard_looks();
    committer_->on_table([this](const Table& table) {
      if (!shows_copies_late(table)) late_copies_.forget(table.id);
    });
  }
  dead_range_finder_ = std::make_unique<DeadRangeFinder>(*store_, *committer_);
  ASSIGN_OR_RETURN(catalog_, CatalogStore::open(*store_, *committer_));
  RETURN_IF_ERROR(sweep_bulk_loads(files_, load_directory_, [this](TableId id) {
    const auto table = catalog_->find(id);
    return table && table->schema.status == model::TableStatus::kCreating;
  }));
  ASSIGN_OR_RETURN(retention_, Retention::open({.catalog = catalog_.get(),
                                                .committer = committer_.get(),
                                                .history = history_.get(),
                                                .log = live_log_.get(),
                                                .clock = &clock_,
                                                .exact_history_seconds = options_.exact_history_seconds}));
  stream_book_ = std::make_unique<StreamBook>(*catalog_, *committer_, *live_log_, *retention_);
  streams_ = std::make_unique<LocalStreams>(LocalStreamsParts{.book = stream_book_.get(),
                                                              .catalog = catalog_.get(),
                                                              .committer = committer_.get(),
                                                              .store = store_.get(),
                                                              .log = live_log_.get(),
                                                              .late_copies = &late_copies_,
                                                              .clock = &clock_});
  table_states_ = std::make_unique<LocalTableStates>(*catalog_, *stream_book_, *retention_, clock_, schedule,
                                                     options_.transition_times);
  receipts_ = std::make_unique<ReceiptStore>(*store_, *committer_, clock_, schedule);
  space_reclaimer_ =
      std::make_unique<SpaceReclaimer>(SpaceReclaimerParts{.store = store_.get(),
                                                           .catalog = catalog_.get(),
                                                           .retention = retention_.get(),
                                                           .history = history_.get(),
                                                           .sync_log = [this] { return log_->sync(); }});
  return {};
}

void LocalEngine::start_ttl(Schedule& schedule) {
  ttl_sweeper_ = std::make_unique<TtlSweeper>(TtlSweeper::Parts{.engine = this,
                                                                .store = store_.get(),
                                                                .committer = committer_.get(),
                                                                .watch = &expiry_watch_,
                                                                .clock = &clock_,
                                                                .lag = options_.ttl_lag},
                                              schedule);
}

void LocalEngine::start_backfill(Schedule& schedule) {
  const BackfillParts parts{.engine = this, .store = store_.get(), .committer = committer_.get()};
  index_backfill_ = std::make_unique<Backfill>(parts, std::make_unique<IndexBackfill>(parts));
  replica_fill_ = std::make_unique<Backfill>(parts, std::make_unique<ReplicaFill>(parts));
  table_states_->on_new_index([this] { index_backfill_->wake(); });
  table_states_->on_new_replica([this] { replica_fill_->wake(); });
  index_backfill_->wake();  // for what the end of the process cut off
  replica_fill_->wake();
  fills_due_ =
      schedule.every(kFillsInterval, "fills", [this] { take_up_fills(); },
                     {.also_in_real_time = true, .next_due = [] { return std::optional<Timestamp>(); }});
}

void LocalEngine::take_up_fills() {
  // The walk begins anew: not before it has a chance to come further.
  if (room() != Room::kEnough) return;
  if (index_backfill_->waits_for_space()) index_backfill_->wake();
  if (replica_fill_->waits_for_space()) replica_fill_->wake();
}

LocalEngine::~LocalEngine() {
  if (table_states_) {
    table_states_->on_new_index({});
    table_states_->on_new_replica({});
  }
  fills_due_.cancel();
  replica_fill_.reset();
  index_backfill_.reset();
  ttl_sweeper_.reset();
  reclaim_due_.cancel();
  reclaim_.reset();
  upkeep_due_.cancel();
  if (upkeep_) upkeep_->stop();  // what commits from here on wakes it in vain
  receipts_.reset();
  merging_.reset();
  table_states_.reset();
  if (catalog_ && options_.checkpoint_at_close) {
    if (const auto done = close(); !done) {
      log::warn("no checkpoint at closing: the next start replays the log",
                {{"error", done.error().message}});
    }
  }
  streams_.reset();
  stream_book_.reset();
  space_reclaimer_.reset();
  retention_.reset();
  catalog_.reset();
  dead_range_finder_.reset();
  committer_.reset();
  history_.reset();
  store_.reset();
}

// RocksDB must never be ahead of the log after a power loss.
void LocalEngine::sync_log_before_flush() {
  wal::Writer* const log = log_to_sync_.load();
  if (log == nullptr) return;  // recovery synced what it reads
  if (const auto synced = log->sync(); !synced) {
    log::error("fatal: the change log cannot be made safe", {{"error", synced.error().message}});
    std::abort();
  }
}

bool LocalEngine::may_be_late(const Table& table) const {
  return late_copies_.is_on() && shows_copies_late(table);
}

Result<std::optional<StoredItem>> LocalEngine::get(const Table& table, const model::Key& key) {
  if (may_be_late(table)) return view()->get(table, key);
  return read_copy(*store_, state_key(table.id, key));
}

std::unique_ptr<Cursor> LocalEngine::read(const Target& target, const KeyRange& range,
                                          const ReadOptions& options) {
  if (may_be_late(*target.table)) return make_cursor_of_view(view(), target, range, options);
  return std::make_unique<RangeCursor>(*store_, space_of(target), range, options);
}

std::unique_ptr<ReadView> LocalEngine::view() {
  if (!late_copies_.is_on()) return make_view(*store_);
  std::unique_ptr<ReadView> view;
  committer_->with_applied([&](Timestamp last) { view = make_late_view(*store_, late_copies_, last); });
  return view;
}

Result<std::unique_ptr<ReadView>> LocalEngine::view_at(const std::vector<TableId>& tables, Timestamp time) {
  Timestamp newest;
  std::vector<TablePtr> found;
  std::vector<PastTable> past;
  std::unique_ptr<RocksSnapshot> live;
  committer_->with_gate([&](CommitPoint* last) {
    newest = std::max(clock_.now(), last->time);
    if (time > newest) return;
    last->time = std::max(last->time, time);  // every later commit gets a later time
    live = std::make_unique<RocksSnapshot>(*store_);
    for (const TableId id : tables) {
      found.push_back(catalog_->find(id));
      past.push_back({.id = id, .time = {}, .history = history_->pin(id)});
    }
  });
  if (time > newest) return fail(Error::invalid_argument(in_the_future(time, newest)));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (!found[i]) return fail(Error::not_found("the table is gone"));
    // Judged after pinning: until then history may have been merged or dropped.
    ASSIGN_OR_RETURN(past[i].time, retention_->readable_moment(found[i], *past[i].history, time, true));
  }
  return make_past_view(*store_, std::move(live), std::move(past));
}

std::unique_ptr<Transaction> LocalEngine::begin(wal::Origin origin) {
  return std::make_unique<ItemTransaction>(*store_, *committer_, item_locks_, late_copies_, clock_, origin);
}

std::vector<LockConflict> LocalEngine::held_items(const std::vector<ItemRef>& items) {
  std::vector<LockConflict> held;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto holder = item_locks_.holder_of(state_key(lock_id(*items[i].table), items[i].key));
    if (holder) held.push_back({i, *holder});
  }
  return held;
}

std::optional<Timestamp> LocalEngine::last_commit_time() {
  CommitPoint point;
  committer_->with_gate([&point](CommitPoint* last) { point = *last; });
  if (wal::number(point.sequence) == 0) return std::nullopt;
  return point.time;
}

Result<std::unique_ptr<TableSnapshot>> LocalEngine::snapshot(TableId id) {
  // The table is looked up under the commit lock: dropped before, it must not look empty.
  TablePtr table;
  std::unique_ptr<RocksSnapshot> live;
  const Timestamp time = committer_->with_time_boundary({}, [&] {
    table = catalog_->find(id);
    live = std::make_unique<RocksSnapshot>(*store_);
  });
  if (!table) return fail(Error::not_found("the table is gone"));
  return make_table_snapshot(*store_, std::move(table), time, std::move(live), nullptr);
}

Result<LocalEngine::PinnedTable> LocalEngine::pin_table(TableId id, Timestamp time, Reach reach) {
  Timestamp newest = clock_.now();
  committer_->with_gate([&newest](CommitPoint* last) { newest = std::max(newest, last->time); });
  if (time > newest) return fail(Error::invalid_argument(in_the_future(time, newest)));
  PinnedTable pinned;
  committer_->with_time_boundary(time, [&] {
    pinned.table = catalog_->find(id);
    if (!pinned.table && reach == Reach::kHeld) pinned.table = catalog_->find_retired(id);
    pinned.live = std::make_unique<RocksSnapshot>(*store_);
    pinned.history = history_->pin(id);
  });
  if (!pinned.table) return fail(Error::not_found("the table is gone"));
  return pinned;
}

// Moments are judged after pinning: until then history may have been merged or dropped.

Result<std::unique_ptr<TableSnapshot>> LocalEngine::snapshot_at(TableId id, Timestamp time, Reach reach) {
  ASSIGN_OR_RETURN(PinnedTable pinned, pin_table(id, time, reach));
  ASSIGN_OR_RETURN(const Timestamp readable,
                   retention_->readable_moment(pinned.table, *pinned.history, time, reach == Reach::kHeld));
  return make_table_snapshot(*store_, std::move(pinned.table), readable, std::move(pinned.live),
                             std::move(pinned.history));
}

Result<std::unique_ptr<TableChanges>> LocalEngine::changes(TableId id, Timestamp from, Timestamp to,
                                                           Reach reach) {
  if (from > to) return fail(Error::invalid_argument("the window ends before it begins"));
  ASSIGN_OR_RETURN(PinnedTable pinned, pin_table(id, to, reach));
  const auto readable = [&](Timestamp time) {
    return retention_->readable_moment(pinned.table, *pinned.history, time, reach == Reach::kHeld);
  };
  ASSIGN_OR_RETURN(const Timestamp begin, readable(from));
  ASSIGN_OR_RETURN(const Timestamp end, readable(to));
  return make_table_changes(*store_, std::move(pinned.table), begin, end, std::move(pinned.live),
                            std::move(pinned.history));
}

Result<Timestamp> LocalEngine::readable_from(TableId id) {
  const TablePtr table = catalog_->find(id);
  if (!table) return fail(Error::not_found("the table is gone"));
  return retention_->readable_from(table, *history_->pin(id));
}

Result<std::unique_ptr<ItemHistory>> LocalEngine::item_history(TableId id, const model::Key& key) {
  TablePtr table;
  std::unique_ptr<RocksSnapshot> live;
  std::shared_ptr<const HistoryPin> history;
  committer_->with_gate([&](CommitPoint*) {
    table = catalog_->find(id);
    live = std::make_unique<RocksSnapshot>(*store_);
    history = history_->pin(id);
  });
  if (!table) return fail(Error::not_found("the table is gone"));
  ASSIGN_OR_RETURN(const Timestamp from, retention_->readable_from(table, *history));
  return make_item_history(*store_, std::move(live), std::move(history), state_key(id, key), from);
}

Result<bool> LocalEngine::changed_since(TableId id, const model::Key& key, Timestamp time) {
  ASSIGN_OR_RETURN(const auto change, history_->pin(id)->first_change(state_key(id, key), time));
  return change.has_value();
}

BulkLoadTarget LocalEngine::load_target(const TablePtr& table, Timestamp write_time) {
  return {.store = store_.get(),
          .files = &files_,
          .directory = load_directory_,
          .table = table,
          .write_time = write_time,
          .ingest = [this, table](const BulkLoadFiles& load) { return ingest(table, load); },
          .check_room = [this]() -> Result<void> {
            if (measure_room()) return {};
            return fail(Error::no_space("the disk is nearly full"));
          }};
}

Result<std::unique_ptr<BulkLoader>> LocalEngine::bulk_loader(TableId id, const BulkLoadOptions& options) {
  TablePtr table = catalog_->find(id);
  if (!table) return fail(Error::not_found("the table is gone"));
  const Timestamp write_time = committer_->with_time_boundary({}, [] {});
  return make_bulk_loader(load_target(table, write_time), options);
}

Result<std::optional<ResumedLoad>> LocalEngine::resume_load(TableId id, const BulkLoadOptions& options) {
  TablePtr table = catalog_->find(id);
  if (!table) return fail(Error::not_found("the table is gone"));
  return resume_bulk_load(load_target(table, {}), options);
}

Result<void> LocalEngine::discard_load(TableId id) { return remove_bulk_load(files_, load_directory_, id); }

// Without the commit lock: writes to other tables go on. When the table is dropped meanwhile, its counters
// are not admitted, and the files must go again: the range was perhaps empty when it was cleared.
Result<void> LocalEngine::ingest(const TablePtr& table, const BulkLoadFiles& load) {
  Commit commit;
  commit.origin = wal::Origin::kImport;
  for (const auto& [id, difference] : load.counters) {
    OwnedWrite& write = commit.writes.emplace_back(adjust_counters(id, difference));
    write.table = table.get();
  }
  // Ingested files are safe at once, so the table that they belong to must be, too: after a power loss its id
  // would be given to another one.
  RETURN_IF_ERROR(log_->sync());
  // An earlier load may have ended between the files and the log record: what it left is not counted.
  RETURN_IF_ERROR(clear(load));
  if (!catalog_->find(table->id)) return fail(Error::not_found("the table is gone"));
  committer_->expect_delay(true);
  auto ingested = store_->ingest(load.state, load.index);
  committer_->expect_delay(false);
  RETURN_IF_ERROR(std::move(ingested));
  const auto committed = committer_->commit(&commit);
  if (committed) return {};
  if (auto cleared = clear(load); !cleared) {
    log::warn("a load that failed leaves data behind", {{"error", cleared.error().message}});
  }
  return fail(committed.error());
}

Result<void> LocalEngine::clear(const BulkLoadFiles& load) {
  for (const auto& [id, difference] : load.counters) {
    for (const wal::Space space : {wal::Space::kState, wal::Space::kIndex}) {
      RETURN_IF_ERROR(store_->clear(space, id_range(id)));
    }
  }
  return {};
}

}  // namespace tidemark::storage

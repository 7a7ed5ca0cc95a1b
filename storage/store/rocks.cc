#include "storage/store/rocks.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/memtable.h"
#include "base/rocks_files.h"

namespace tidemark::storage {
namespace {

// So many deletions among so many entries in a row call for a compaction.
constexpr std::size_t kDeletionsWindow = 16'384;
constexpr std::size_t kDeletionsOfWindow = 8'192;

// Less is not worth the compaction of a range of its own.
constexpr std::uint64_t kReclaimedBytesMin = 16U << 10;

// Watches RocksDB's background work.
class Listener final : public rocksdb::EventListener {
 public:
  Listener(std::function<void()> before_flush, std::shared_ptr<std::atomic<bool>> disk_full,
           std::shared_ptr<std::atomic<int>> stalled_families, std::shared_ptr<DamageWatch> damage)
      : before_flush_(std::move(before_flush)),
        disk_full_(std::move(disk_full)),
        stalled_families_(std::move(stalled_families)),
        damage_(std::move(damage)) {}

  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override {
    if (before_flush_) before_flush_();
  }

  // RocksDB's own recovery from a full disk waits until a whole write buffer is free: resume() does not.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* is_automatic) override {
    *is_automatic = false;
  }

  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override {
    constexpr auto kNormal = rocksdb::WriteStallCondition::kNormal;
    const int now = info.condition.cur == kNormal ? 0 : 1;
    const int before = info.condition.prev == kNormal ? 0 : 1;
    stalled_families_->fetch_add(now - before);
  }

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    if (damage_->takes(*error, reason == rocksdb::BackgroundErrorReason::kCompaction)) {
      *error = rocksdb::Status::OK();
      return;
    }
    if (!error->IsNoSpace()) die_of(*error, "background work of the state store");
    log::error("the disk is full: refusing writes until there is space again",
               {{"status", error->ToString()}});
    disk_full_->store(true);
  }

 private:
  std::function<void()> before_flush_;
  std::shared_ptr<std::atomic<bool>> disk_full_;
  std::shared_ptr<std::atomic<int>> stalled_families_;
  std::shared_ptr<DamageWatch> damage_;
};

rocksdb::Options base_options(const RocksOptions& options) {
  rocksdb::Options base;
  base.create_if_missing = true;
  base.create_missing_column_families = true;
  base.env = options.env;
  base.info_log = rocks_logger("items");
  base.stats_dump_period_sec = 0;
  base.stats_persist_period_sec = 0;
  base.max_background_jobs = 2;
  base.max_open_files = options.open_files_max;
  base.skip_stats_update_on_db_open = true;
  base.skip_checking_sst_file_sizes_on_db_open = true;
  base.avoid_unnecessary_blocking_io = true;
  // What is not flushed is in the change log.
  base.avoid_flush_during_shutdown = true;
  base.bytes_per_sync = 1U << 20;
  base.manifest_preallocation_size = 64U << 10;
  // One thread at a time writes: the committer's leader.
  base.allow_concurrent_memtable_write = false;
  base.memtable_factory = make_memtable_factory();
  base.enable_write_thread_adaptive_yield = false;

  base.write_buffer_size = options.write_buffer_bytes;
  // A flush takes everything that is full, and waits for the disk several times. So many let full-speed
  // writes go on meanwhile even where that takes a second; who gets to the last but one is slowed down.
  base.max_write_buffer_number = 8;
  // A key that is not in a memtable, as most of a large table's are, costs a look at one cache line instead
  // of a walk through a skip list. So much of the buffer is nine bits a key for items of 100 bytes.
  base.memtable_prefix_bloom_size_ratio = 0.01;
  base.memtable_whole_key_filtering = true;
  // A compaction reads so much at once instead of a block.
  base.compaction_readahead_size = 256U << 10;
  // What a flush writes is soon rewritten by a compaction, and so is the level behind it.
  base.compression_per_level = {rocksdb::kNoCompression, rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  base.level_compaction_dynamic_level_bytes = true;
  // Files of mostly deleted keys are not left lying until their level is full.
  base.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(kDeletionsWindow, kDeletionsOfWindow));
  // Beyond these limits 7.8.3 can hang writers.
  base.soft_pending_compaction_bytes_limit = 0;
  base.hard_pending_compaction_bytes_limit = 0;

  rocksdb::BlockBasedTableOptions table;
  // A read of one item from disk reads, checks and decompresses a block of them.
  table.block_size = 8U << 10;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes, 2);
  table.cache_index_and_filter_blocks = false;
  table.format_version = 5;
  base.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return base;
}

std::unique_ptr<rocksdb::Slice[]> bounds_of(const KeyRange& range) {
  auto bounds = std::make_unique<rocksdb::Slice[]>(2);
  bounds[0] = slice(range.begin);
  bounds[1] = slice(range.end);
  return bounds;
}

}  // namespace

void die_of(const rocksdb::Status& status, std::string_view what) {
  log::error("fatal: the change log will be replayed at the next start",
             {{"what", what}, {"status", status.ToString()}});
  std::abort();
}

// RocksIterator

RocksIterator::RocksIterator(const RocksStore& store, wal::Space space, KeyRange range,
                             const IterateOptions& options)
    : store_(store), range_(std::move(range)), bounds_(bounds_of(range_)) {
  store_.open_objects_.fetch_add(1, std::memory_order_relaxed);
  rocksdb::ReadOptions read;
  read.iterate_lower_bound = &bounds_[0];
  if (!range_.end.empty()) read.iterate_upper_bound = &bounds_[1];
  if (options.snapshot != nullptr) read.snapshot = options.snapshot->get();
  read.fill_cache = options.fill_cache;
  read.readahead_size = options.readahead_bytes;
  read.max_skippable_internal_keys = options.skipped_keys_max;
  iterator_.reset(store_.db_->NewIterator(read, store_.family(space)));
}

RocksIterator::~RocksIterator() {
  iterator_.reset();
  store_.open_objects_.fetch_sub(1, std::memory_order_release);
}

std::uint64_t RocksIterator::skipped_keys() {
  const rocksdb::PerfContext& context = *rocksdb::get_perf_context();
  return context.internal_delete_skipped_count + context.internal_key_skipped_count;
}

Result<void> RocksIterator::status() const {
  const rocksdb::Status status = iterator_->status();
  if (!status.ok()) return fail(rocks_error(status, "reading a range"));
  return {};
}

// RocksSnapshot

RocksSnapshot::RocksSnapshot(const RocksStore& store) : store_(store), snapshot_(store.db().GetSnapshot()) {
  store_.open_objects_.fetch_add(1, std::memory_order_relaxed);
}

RocksSnapshot::~RocksSnapshot() {
  store_.db().ReleaseSnapshot(snapshot_);
  store_.open_objects_.fetch_sub(1, std::memory_order_release);
}

// RocksStore

Result<std::unique_ptr<RocksStore>> RocksStore::open(const RocksOptions& options) {
  std::unique_ptr<RocksStore> store(new RocksStore());
  store->table_options_ = base_options(options);
  store->table_options_.listeners.push_back(std::make_shared<Listener>(
      options.before_flush, store->disk_full_, store->stalled_families_, store->damage_));

  rocksdb::ColumnFamilyOptions catalog(store->table_options_);
  catalog.write_buffer_size = 4U << 20;  // the receipts of some ten thousand transactions
  const rocksdb::ColumnFamilyOptions tables(store->table_options_);
  // Small entries, read soon after they were written.
  rocksdb::ColumnFamilyOptions streams(store->table_options_);
  streams.write_buffer_size = std::min<std::size_t>(streams.write_buffer_size, 4U << 20);
  const std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = {
      {rocksdb::kDefaultColumnFamilyName, catalog},
      {"state", tables},
      {"index", tables},
      {"stream", streams}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(store->table_options_, options.directory, descriptors, &handles, &db);
  if (!status.ok()) {
    // A lock held by another process is reported as a plain IOError.
    if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
      return fail(Error::unavailable("the data directory is in use: " + status.ToString()));
    }
    return fail(rocks_error(status, "opening " + options.directory));
  }
  store->db_.reset(db);
  store->families_ = {handles[1], handles[2], handles[0], handles[3]};
  return store;
}

RocksStore::~RocksStore() {
  if (!db_) return;
  INVARIANT(open_objects_.load(std::memory_order_acquire) == 0);
  for (auto* family : families_) {
    const rocksdb::Status status = db_->DestroyColumnFamilyHandle(family);
    INVARIANT(status.ok());
  }
  const rocksdb::Status status = db_->Close();
  if (!status.ok()) log::warn("closing the state store", {{"status", status.ToString()}});
}

Result<bool> RocksStore::get(wal::Space space, std::string_view key, std::string* value,
                             const RocksSnapshot* snapshot) const {
  rocksdb::ReadOptions options;
  if (snapshot != nullptr) options.snapshot = snapshot->get();
  const rocksdb::Status status = db_->Get(options, family(space), slice(key), value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  return fail(rocks_error(status, "reading a key"));
}

std::unique_ptr<RocksIterator> RocksStore::iterate(wal::Space space, KeyRange range,
                                                   const IterateOptions& options) const {
  return std::make_unique<RocksIterator>(*this, space, std::move(range), options);
}

Result<void> RocksStore::flush_all() {
  const rocksdb::Status status = db_->Flush({}, families_);
  if (!status.ok()) return fail(rocks_error(status, "flushing the state store"));
  return {};
}

void RocksStore::flush_soon(wal::Space space) {
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  const rocksdb::Status status = db_->Flush(options, family(space));
  if (!status.ok()) log::warn("flushing early", {{"status", status.ToString()}});
}

Result<void> RocksStore::clear(wal::Space space, const KeyRange& range) {
  {
    const auto iterator = iterate(space, range);
    iterator->seek_to_first();
    if (!iterator->valid()) return iterator->status();
  }
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  rocksdb::Status status = db_->DeleteRange(options, family(space), slice(range.begin), slice(range.end));
  // Files that are ingested into the range must find it empty on disk, not in memory.
  if (status.ok()) status = db_->Flush({}, family(space));
  if (!status.ok()) return fail(rocks_error(status, "clearing a range"));
  return {};
}

std::uint64_t RocksStore::unflushed_bytes() const {
  std::uint64_t bytes = 0;
  for (auto* family : families_) {
    std::uint64_t of_family = 0;
    if (db_->GetIntProperty(family, rocksdb::DB::Properties::kCurSizeAllMemTables, &of_family)) {
      bytes += of_family;
    }
  }
  return bytes;
}

std::uint64_t RocksStore::last_sequence() const { return db_->GetLatestSequenceNumber(); }

std::uint64_t RocksStore::oldest_snapshot() const {
  std::uint64_t oldest = 0;
  const bool is_known = db_->GetIntProperty(rocksdb::DB::Properties::kOldestSnapshotSequence, &oldest);
  INVARIANT(is_known);
  return oldest == 0 ? std::numeric_limits<std::uint64_t>::max() : oldest;
}

std::uint64_t RocksStore::size_bytes(wal::Space space, const KeyRange& range) const {
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  const rocksdb::Range wanted(slice(range.begin), slice(range.end));
  std::uint64_t bytes = 0;
  const rocksdb::Status status = db_->GetApproximateSizes(options, family(space), &wanted, 1, &bytes);
  return status.ok() ? bytes : 0;
}

Result<void> RocksStore::reclaim(wal::Space space, const KeyRange& range, const std::stop_token& stop) {
  if (size_bytes(space, range) < kReclaimedBytesMin) return {};
  const rocksdb::Slice begin = slice(range.begin);
  const rocksdb::Slice end = slice(range.end);
  // Whole files first: they cost nothing.
  rocksdb::Status status = rocksdb::DeleteFilesInRange(db_.get(), family(space), &begin, &end, false);
  // With them may have gone what said that the rest, in files at the edges of the range, is deleted.
  rocksdb::WriteOptions write;
  write.disableWAL = true;
  if (status.ok()) status = db_->DeleteRange(write, family(space), begin, end);
  std::atomic<bool> is_canceled = false;
  const std::stop_callback cancel(stop, [&is_canceled] { is_canceled = true; });
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.canceled = &is_canceled;
  if (status.ok()) status = db_->CompactRange(options, family(space), &begin, &end);
  if (is_canceled) return fail(Error::unavailable("stopped while giving space back"));
  if (!status.ok()) return fail(rocks_error(status, "giving the space of a range back"));
  return {};
}

Result<void> RocksStore::remove(wal::Space space, const std::vector<KeyRange>& ranges) {
  rocksdb::WriteBatch batch;
  for (const KeyRange& range : ranges) {
    const auto iterator = iterate(space, range);
    iterator->seek_to_first();
    RETURN_IF_ERROR(iterator->status());
    if (!iterator->valid()) continue;
    const rocksdb::Status added = batch.DeleteRange(family(space), slice(range.begin), slice(range.end));
    if (!added.ok()) return fail(rocks_error(added, "removing ranges"));
  }
  if (batch.Count() == 0) return {};
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  const rocksdb::Status status = db_->Write(options, &batch);
  if (!status.ok()) return fail(rocks_error(status, "removing ranges"));
  return {};
}

Result<void> RocksStore::ingest(const std::vector<std::string>& state,
                                const std::vector<std::string>& index) {
  std::vector<rocksdb::IngestExternalFileArg> args;
  const auto add = [&](wal::Space space, const std::vector<std::string>& paths) {
    if (paths.empty()) return;
    rocksdb::IngestExternalFileArg& arg = args.emplace_back();
    arg.column_family = family(space);
    arg.external_files = paths;
    arg.options.move_files = true;
    arg.options.write_global_seqno = false;  // in the manifest: otherwise synced under RocksDB's mutex
  };
  add(wal::Space::kState, state);
  add(wal::Space::kIndex, index);
  if (args.empty()) return {};
  dead_ranges_->forget_all();
  const rocksdb::Status status = db_->IngestExternalFiles(args);
  // Also what was looked up meanwhile.
  dead_ranges_->forget_all();
  if (!status.ok()) return fail(rocks_error(status, "ingesting sorted files"));
  return {};
}

Result<void> RocksStore::resume() {
  damage_->stop_compactions(*db_, {families_.begin(), families_.end()});
  if (!disk_full_->load()) return {};
  const rocksdb::Status status = db_->Resume();
  if (!status.ok()) return fail(rocks_error(status, "resuming after the disk was full"));
  disk_full_->store(false);
  log::info("the disk has space again: writes go on");
  return {};
}

}  // namespace tidemark::storage

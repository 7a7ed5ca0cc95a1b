#include "s3emu/store/metadata_db.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/write_batch_with_index.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/check.h"
#include "base/memtable.h"
#include "base/rocks.h"
#include "base/rocks_files.h"
#include "base/worker.h"
#include "s3emu/store/log_space.h"
#include "s3emu/store/object_records.h"

namespace tidemark::s3emu {
namespace {

Error to_error(const rocksdb::Status& status) { return rocks_error(status, "object store metadata"); }

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

rocksdb::Options make_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = 4 << 20;
  options.max_write_buffer_number = 4;  // network threads commit: a burst must not wait for a flush
  // The leader of a group writes for all of it.
  options.allow_concurrent_memtable_write = false;
  options.memtable_factory = make_memtable_factory();
  options.max_background_jobs = 2;
  options.max_open_files = 128;
  options.compression = rocksdb::kLZ4Compression;
  options.info_log = rocks_logger("objects");
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = true;
  options.avoid_flush_during_recovery = true;
  // The default stops at a damaged record in silence, and what was acknowledged behind it is gone. A record
  // that ends with its file is what a crash leaves, and is cut off.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.soft_pending_compaction_bytes_limit = 0;
  options.hard_pending_compaction_bytes_limit = 0;

  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(8 << 20, 0);
  table.cache_index_and_filter_blocks = false;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

class RocksCursor final : public MetadataCursor {
 public:
  // With `changes`, which must outlive it, they lie over the rows of the database.
  RocksCursor(rocksdb::DB& db, std::string_view prefix, const rocksdb::Snapshot* snapshot,
              rocksdb::WriteBatchWithIndex* changes)
      : end_(row_after_prefix(std::string(prefix))), bound_(end_) {
    rocksdb::ReadOptions read;
    read.snapshot = snapshot;
    read.iterate_upper_bound = &bound_;
    rocksdb::Iterator* base = db.NewIterator(read);
    iterator_.reset(changes != nullptr ? changes->NewIteratorWithBase(base) : base);
    iterator_->Seek(slice(prefix));
  }

  void seek(std::string_view key) override { iterator_->Seek(slice(key)); }
  // Changes know nothing of the bound.
  [[nodiscard]] bool valid() const override {
    return iterator_->Valid() && iterator_->key().ToStringView() < end_;
  }
  void next() override {
    INVARIANT(iterator_->Valid());
    iterator_->Next();
  }
  [[nodiscard]] std::string_view key() const override {
    INVARIANT(iterator_->Valid());
    return iterator_->key().ToStringView();
  }
  [[nodiscard]] std::string_view value() const override {
    INVARIANT(iterator_->Valid());
    return iterator_->value().ToStringView();
  }
  [[nodiscard]] Result<void> status() const override {
    const rocksdb::Status status = iterator_->status();
    if (!status.ok()) return fail(to_error(status));
    return {};
  }

 private:
  const std::string end_;
  const rocksdb::Slice bound_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

Result<std::optional<std::string>> get_row(rocksdb::DB& db, std::string_view key,
                                           const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions read;
  read.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status = db.Get(read, slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return fail(to_error(status));
  return value;
}

class RocksSnapshot final : public Rows {
 public:
  explicit RocksSnapshot(std::shared_ptr<rocksdb::DB> db)
      : db_(std::move(db)), snapshot_(db_->GetSnapshot()) {}
  ~RocksSnapshot() override { db_->ReleaseSnapshot(snapshot_); }
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;

  Result<std::optional<std::string>> get(std::string_view key) const override {
    return get_row(*db_, key, snapshot_);
  }
  std::unique_ptr<MetadataCursor> cursor(std::string_view prefix) const override {
    return std::make_unique<RocksCursor>(*db_, prefix, snapshot_, nullptr);
  }

 private:
  const std::shared_ptr<rocksdb::DB> db_;
  const rocksdb::Snapshot* const snapshot_;
};

class RocksEdit final : public Edit {
 public:
  explicit RocksEdit(rocksdb::DB& db) : db_(db) {}

  Result<std::optional<std::string>> get(std::string_view key) const override {
    std::string value;
    const rocksdb::Status status =
        changes_.GetFromBatchAndDB(&db_, rocksdb::ReadOptions(), slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return fail(to_error(status));
    return value;
  }
  std::unique_ptr<MetadataCursor> cursor(std::string_view prefix) const override {
    return std::make_unique<RocksCursor>(db_, prefix, nullptr, &changes_);
  }
  void put(std::string_view key, std::string_view value) override {
    keep(changes_.Put(slice(key), slice(value)));
  }
  void erase(std::string_view key) override { keep(changes_.Delete(slice(key))); }

  [[nodiscard]] bool is_empty() const override {
    return status_.ok() && changes_.GetWriteBatch()->Count() == 0;
  }
  [[nodiscard]] const rocksdb::Status& status() const { return status_; }
  rocksdb::WriteBatch* batch() { return changes_.GetWriteBatch(); }

 private:
  void keep(const rocksdb::Status& status) {
    if (status_.ok()) status_ = status;
  }

  rocksdb::DB& db_;
  // Overwriting: reads see the last of several changes of a row. Reading does not change it, whatever
  // RocksDB's signatures say.
  mutable rocksdb::WriteBatchWithIndex changes_{rocksdb::BytewiseComparator(), 0, true};
  rocksdb::Status status_;
};

// What to do about failures of the database, on a thread of its own: it waits for what the database does in
// the background.
//
// After writes found no space they are tried again as soon as there may be some: RocksDB itself would look
// every five seconds. Merges that found none it tries again on its own, and nobody waits for them.
class Recovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status error,
                            bool* is_automatic) override {
    if (error.severity() >= rocksdb::Status::Severity::kHardError) *is_automatic = false;
  }
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    if (!damage_.takes(*error, reason == rocksdb::BackgroundErrorReason::kCompaction)) return;
    *error = rocksdb::Status::OK();
    worker_.wake();
  }

  // Once the database is open; both outlive stop().
  void start(rocksdb::DB& db, LogSpace& log_space) {
    log_space_ = &log_space;
    db_ = &db;
    worker_.wake();
  }
  void stop() { worker_.stop(); }

  // What a write came to.
  void note(const rocksdb::Status& status) {
    const bool may_pass = status.IsNoSpace() || status.IsIncomplete();
    if (may_pass && !is_waiting_.exchange(true)) worker_.wake();
  }

 private:
  void work(const std::stop_token& stop) {
    static constexpr std::chrono::milliseconds kInterval{250};  // each try is to write all that is in memory
    rocksdb::DB* const db = db_;
    if (db == nullptr) return;
    damage_.stop_compactions(*db, {db->DefaultColumnFamily()});
    while (is_waiting_ && !stop.stop_requested() && !try_again(*db)) {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kInterval, [] { return false; });
    }
  }
  // Without space for another log RocksDB would not merely fail, but give up for good.
  bool try_again(rocksdb::DB& db) {
    if (!log_space_->prepare().ok()) return false;
    is_waiting_ = false;
    const bool is_over = db.Resume().ok();
    if (!is_over) is_waiting_ = true;
    return is_over;
  }

  DamageWatch damage_;
  std::atomic<bool> is_waiting_ = false;  // for space
  LogSpace* log_space_ = nullptr;         // set before the next
  std::atomic<rocksdb::DB*> db_ = nullptr;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Worker worker_{"objects-errors", 0, [this](const std::stop_token& stop) { work(stop); }};  // uses the rest
};

class RocksMetadataDb final : public MetadataDb {
 public:
  RocksMetadataDb(std::shared_ptr<rocksdb::DB> db, std::shared_ptr<Recovery> recovery,
                  std::shared_ptr<LogSpace> log_space, bool sync)
      : db_(std::move(db)), recovery_(std::move(recovery)), log_space_(std::move(log_space)), sync_(sync) {
    recovery_->start(*db_, *log_space_);
  }
  ~RocksMetadataDb() override { recovery_->stop(); }
  RocksMetadataDb(const RocksMetadataDb&) = delete;
  RocksMetadataDb& operator=(const RocksMetadataDb&) = delete;

  Result<std::optional<std::string>> get(std::string_view key) const override {
    return get_row(*db_, key, nullptr);
  }

  std::unique_ptr<MetadataCursor> cursor(std::string_view prefix) const override {
    return std::make_unique<RocksCursor>(*db_, prefix, nullptr, nullptr);
  }

  std::unique_ptr<Edit> edit() override { return std::make_unique<RocksEdit>(*db_); }

  std::shared_ptr<const Rows> snapshot() override { return std::make_shared<RocksSnapshot>(db_); }

  Result<void> write(Edit& edit) override {
    auto& changes = static_cast<RocksEdit&>(edit);
    if (!changes.status().ok()) return fail(to_error(changes.status()));
    return write(changes.batch());
  }

  Result<void> write(const Batch& batch) override {
    rocksdb::WriteBatch rows;
    for (const Batch::Row& row : batch.rows) {
      const rocksdb::Status status =
          row.value ? rows.Put(slice(row.key), slice(*row.value)) : rows.Delete(slice(row.key));
      if (!status.ok()) return fail(to_error(status));
    }
    return write(&rows);
  }

 private:
  Result<void> write(rocksdb::WriteBatch* rows) {
    rocksdb::WriteOptions options;
    options.sync = sync_;
    const std::uint64_t batch_bytes = rows->GetDataSize();
    rocksdb::Status status = log_space_->take(batch_bytes, rows->HasPut());
    if (!status.ok()) return fail(to_error(status));
    status = db_->Write(options, rows);
    log_space_->release(batch_bytes);
    if (status.ok()) return {};
    recovery_->note(status);
    return fail(to_error(status));
  }

  const std::shared_ptr<rocksdb::DB> db_;
  const std::shared_ptr<Recovery> recovery_;
  const std::shared_ptr<LogSpace> log_space_;
  const bool sync_;
};

}  // namespace

Result<std::unique_ptr<MetadataDb>> MetadataDb::open(const std::string& directory, bool sync) {
  rocksdb::DB* raw = nullptr;
  auto log_space = LogSpace::over(with_failures_judged(rocksdb::FileSystem::Default()), directory);
  const std::shared_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(log_space->files());
  rocksdb::Options options = make_options();
  options.env = env.get();
  const auto recovery = std::make_shared<Recovery>();
  options.listeners = {recovery};
  const rocksdb::Status status = rocksdb::DB::Open(options, directory, &raw);
  if (!status.ok()) return fail(to_error(status));
  // Whoever holds the database, a snapshot as well, holds what it writes with.
  std::shared_ptr<rocksdb::DB> db(raw, [env, log_space](rocksdb::DB* last) {
    log_space->close();
    delete last;
  });
  return std::make_unique<RocksMetadataDb>(std::move(db), recovery, std::move(log_space), sync);
}

void Edit::add(const Batch& batch) {
  for (const Batch::Row& row : batch.rows) {
    if (row.value) {
      put(row.key, *row.value);
    } else {
      erase(row.key);
    }
  }
}

}  // namespace tidemark::s3emu

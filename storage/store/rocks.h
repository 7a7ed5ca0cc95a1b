// RocksDB, owned: the database, its column families, and iterators and snapshots that cannot outlive it
// unnoticed. Only storage/ includes this header.
//
// RocksDB holds state derived from the change log; its own log is off. Debian's build has live asserts:
// next() and value() of an invalid iterator, or closing with open iterators, abort the process. RocksStore
// counts what is open and its destructor checks that all of it is gone.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/status.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/rocks.h"
#include "base/rocks_files.h"
#include "storage/query.h"
#include "storage/store/dead_ranges.h"
#include "wal/record.h"

namespace tidemark::storage {

inline rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Logs and ends the process: what is on disk is then put right by the next start.
[[noreturn]] void die_of(const rocksdb::Status& status, std::string_view what);

struct RocksOptions {
  std::string directory;
  std::uint64_t block_cache_bytes = 64ULL << 20;
  int open_files_max = 2'048;
  std::uint64_t write_buffer_bytes = 32ULL << 20;
  // Called on a background thread before a memtable is written to disk, so that the log is there first.
  std::function<void()> before_flush;
  // The files. Must outlive the store.
  rocksdb::Env* env = rocks_env();
};

class RocksStore;

class RocksSnapshot;

struct IterateOptions {
  const RocksSnapshot* snapshot = nullptr;  // null: as it is now
  bool fill_cache = true;
  std::uint64_t readahead_bytes = 0;  // 1 MB for scans of whole tables
  // Stepping over more deleted keys than this is an error, kUnavailable; 0: there is no limit.
  std::uint64_t skipped_keys_max = 0;
};

// An iterator over one column family, bounded by a key range (an empty end: unbounded). Not thread-safe.
class RocksIterator {
 public:
  RocksIterator(const RocksStore& store, wal::Space space, KeyRange range, const IterateOptions& options);
  ~RocksIterator();
  RocksIterator(const RocksIterator&) = delete;
  RocksIterator& operator=(const RocksIterator&) = delete;

  [[nodiscard]] bool valid() const { return iterator_->Valid(); }
  // Each of these needs valid().
  void next() { iterator_->Next(); }
  void previous() { iterator_->Prev(); }
  [[nodiscard]] std::string_view key() const { return view(iterator_->key()); }
  [[nodiscard]] std::string_view value() const { return view(iterator_->value()); }

  // How many deleted and overwritten keys iterators of this thread have stepped over so far.
  [[nodiscard]] static std::uint64_t skipped_keys();

  void seek_to_first() { iterator_->Seek(bounds_[0]); }
  void seek_to_last() { iterator_->SeekToLast(); }
  void seek(std::string_view key) { iterator_->Seek(slice(key)); }
  void seek_for_previous(std::string_view key) { iterator_->SeekForPrev(slice(key)); }
  // Ask when valid() turned false.
  [[nodiscard]] Result<void> status() const;

 private:
  const RocksStore& store_;
  KeyRange range_;
  std::unique_ptr<rocksdb::Slice[]> bounds_;  // lower and upper, into range_; RocksDB keeps pointers to them
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

// The live state as it was at one moment. Thread-safe.
class RocksSnapshot {
 public:
  explicit RocksSnapshot(const RocksStore& store);
  ~RocksSnapshot();
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;

  [[nodiscard]] const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  const RocksStore& store_;
  const rocksdb::Snapshot* snapshot_;
};

// Thread-safety: all methods may be called concurrently.
class RocksStore {
 public:
  // Opens or creates. Errors: kUnavailable when another process has it open; kCorruption; kIo.
  static Result<std::unique_ptr<RocksStore>> open(const RocksOptions& options);
  // Everything opened from the store must be gone.
  ~RocksStore();
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  [[nodiscard]] rocksdb::DB& db() const { return *db_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(wal::Space space) const {
    return families_[static_cast<std::size_t>(space)];
  }
  // The options of the state and index families, for SST files that are to be ingested into them.
  [[nodiscard]] const rocksdb::Options& table_options() const { return table_options_; }

  // Readers look there where they need not go. Whoever writes to `db()` tells it what.
  [[nodiscard]] DeadRanges& dead_ranges() const { return *dead_ranges_; }

  // False: there is none. As it is now, or as it was at the snapshot.
  Result<bool> get(wal::Space space, std::string_view key, std::string* value,
                   const RocksSnapshot* snapshot = nullptr) const;
  [[nodiscard]] std::unique_ptr<RocksIterator> iterate(wal::Space space, KeyRange range,
                                                       const IterateOptions& options = {}) const;

  // Writes all memtables to disk and waits.
  Result<void> flush_all();
  // Writes the memtable of one family to disk in the background.
  void flush_soon(wal::Space space);
  // Removes what is in a range that nobody else writes to or reads; cheap when there is nothing.
  Result<void> clear(wal::Space space, const KeyRange& range);
  // The same for ranges that others read and write beside: what is written to them meanwhile may go or stay.
  Result<void> remove(wal::Space space, const std::vector<KeyRange>& ranges);
  // What memtables hold, and flushes are going to write.
  [[nodiscard]] std::uint64_t unflushed_bytes() const;
  // The number of the last write; a snapshot that is taken now has it. The number of the oldest snapshot
  // there is, or the greatest number.
  [[nodiscard]] std::uint64_t last_sequence() const;
  [[nodiscard]] std::uint64_t oldest_snapshot() const;
  // About how much a range takes, in files and in memory.
  [[nodiscard]] std::uint64_t size_bytes(wal::Space space, const KeyRange& range) const;
  // Gives back the space of a range that was deleted, that nobody writes to any more and no snapshot shows. A
  // little of it is left to the next compaction that comes along.
  // Takes as long as it takes to rewrite the files that the range shares with others. Errors: kUnavailable
  // when stopped; kNoSpace; kIo.
  Result<void> reclaim(wal::Space space, const KeyRange& range, const std::stop_token& stop);
  // Takes finished SST files over (moves them), all or none. The ranges of the files must not be written to
  // meanwhile. Other writes wait while RocksDB records what it took.
  Result<void> ingest(const std::vector<std::string>& state, const std::vector<std::string>& index);

  // True from the moment a flush or compaction found no space. Writes must be refused until resume()
  // succeeded.
  [[nodiscard]] bool disk_full() const { return disk_full_->load(std::memory_order_relaxed); }
  // True while RocksDB slows writes down, because flushes or compactions are behind.
  [[nodiscard]] bool slows_writes() const { return stalled_families_->load(std::memory_order_relaxed) > 0; }
  // Tries again what failed for lack of space; does nothing when nothing did. Errors: kNoSpace, kIo.
  Result<void> resume();

 private:
  friend class RocksIterator;
  friend class RocksSnapshot;
  RocksStore() = default;

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // by Space; owned, closed by the destructor
  rocksdb::Options table_options_;
  const std::unique_ptr<DeadRanges> dead_ranges_ = std::make_unique<DeadRanges>();
  const std::shared_ptr<DamageWatch> damage_ = std::make_shared<DamageWatch>();
  std::shared_ptr<std::atomic<bool>> disk_full_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<std::atomic<int>> stalled_families_ = std::make_shared<std::atomic<int>>(0);
  mutable std::atomic<int> open_objects_ = 0;
};

}  // namespace tidemark::storage

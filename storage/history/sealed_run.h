// Undo records on disk: one SST file, sorted.
//
// ON DISK: RocksDB's block-based table, LZ4, bytewise order, with
//   key   := state key  commit_time_us:u64be        (no state key is the beginning of another one)
//   value := origin:u8  the stored value before the change, empty when there was none
//
// The filter of the file is of state keys. Runs of former versions have values without an origin, and no
// filter; the manifest says so. A property of the file counts its records (write_counts.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "storage/activity.h"
#include "storage/history/cursor.h"
#include "storage/query.h"
#include "storage/table.h"

namespace rocksdb {
class SstFileWriter;
}  // namespace rocksdb

namespace tidemark::storage {

// What a run has of one table.
struct HistoryTableShare {
  TableId table{};
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // images and keys, uncompressed
  Timestamp last_time;
  // In a run that was thinned out: of what is older no more was kept than exact moments ask for.
  std::optional<Timestamp> sparse_before = std::nullopt;
  bool operator==(const HistoryTableShare&) const = default;
};

// What the manifest knows of a run.
struct HistoryRunInfo {
  std::string name;  // of the file, within the history's directory
  Timestamp first_time;
  Timestamp last_time;
  TableId first_table{};
  TableId last_table{};
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // of the file
  // One record per key and second is left.
  bool consolidated = false;
  // Its records say who made the change. In runs of former versions they do not.
  bool has_origins = true;
  // In order of the tables. Empty when it is not known, in runs of former versions.
  std::vector<HistoryTableShare> tables;
  bool operator==(const HistoryRunInfo&) const = default;
};

// Writes one run. Dropped without finish(), it leaves no file behind.
class HistoryRunWriter {
 public:
  // Errors of all three: kIo, kNoSpace.
  static Result<std::unique_ptr<HistoryRunWriter>> create(FileSystem& files, const std::string& directory,
                                                          const std::string& name);
  ~HistoryRunWriter();

  // Records must come in strictly ascending order of (key, time).
  Result<void> add(std::string_view state_key, Timestamp time, wal::Origin origin, std::string_view image);
  // Needs at least one record. The file is on disk when this returns, its directory entry not yet.
  Result<HistoryRunInfo> finish();

  [[nodiscard]] std::uint64_t records() const { return info_.records; }
  // Whose the last record is. Needs at least one.
  [[nodiscard]] TableId last_table() const { return info_.last_table; }
  // Images and keys, uncompressed.
  [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  HistoryRunWriter(FileSystem& files, std::string path);
  void count(TableId table, Timestamp time, std::size_t bytes);

  FileSystem& files_;
  const std::string path_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  HistoryRunInfo info_;
  std::string key_;
  std::string value_;
  std::uint64_t bytes_written_ = 0;
  bool finished_ = false;
};

class HistorySealedRun;
class HistoryOpenFile;  // what is open of a run

// Keeps the files of the runs open that were read last, so that reading one item of the past does not open a
// file for each run. Thread-safe.
class HistoryOpenFiles {
 public:
  static constexpr std::size_t kFilesMax = 64;

  // `file` was read just now.
  void keep(const HistorySealedRun& run, const std::shared_ptr<HistoryOpenFile>& file);
  void forget(const HistorySealedRun& run);

 private:
  using Kept = std::pair<const HistorySealedRun*, std::shared_ptr<HistoryOpenFile>>;

  std::atomic<std::uint64_t> reads_ = 0;
  std::mutex mutex_;
  std::vector<Kept> kept_;  // guarded by mutex_
};

// A sealed run. Shared by the history and by pins; the last one to let go of a run that was discarded removes
// its file. Thread-safe.
class HistorySealedRun {
 public:
  HistorySealedRun(FileSystem& files, std::shared_ptr<HistoryOpenFiles> open_files,
                   const std::string& directory, HistoryRunInfo info);
  ~HistorySealedRun();
  HistorySealedRun(const HistorySealedRun&) = delete;
  HistorySealedRun& operator=(const HistorySealedRun&) = delete;

  [[nodiscard]] const HistoryRunInfo& info() const { return info_; }
  [[nodiscard]] bool may_hold(TableId table) const {
    return info_.first_table <= table && table <= info_.last_table;
  }
  // Call when the manifest does not list the run any more.
  void discard() {
    discarded_ = true;
    open_files_->forget(*this);
  }

  // Over `range`. Keeps the file open, not the run: the run must outlive the cursor. Errors: kIo,
  // kCorruption.
  Result<std::unique_ptr<HistoryCursor>> cursor(KeyRange range) const;
  // Over all keys, and only for seek(), which may find nothing, instead of another key, where the run has
  // none of the key that it is asked for: then it is quick. Quick to make, too. Errors likewise.
  Result<std::unique_ptr<HistoryCursor>> lookup_cursor() const;
  // Adds the records of the table: by minutes, where the run is not a small one. Errors likewise.
  Result<void> count_writes(TableId table, WriteCounts* counts) const;

 private:
  // The file is open while somebody reads it, and as long as it is kept.
  Result<std::shared_ptr<HistoryOpenFile>> open_file() const;

  FileSystem& files_;
  const std::shared_ptr<HistoryOpenFiles> open_files_;
  const std::string path_;
  const HistoryRunInfo info_;
  std::atomic<bool> discarded_ = false;
  mutable std::mutex mutex_;
  mutable std::weak_ptr<HistoryOpenFile> file_;  // guarded by mutex_
};

}  // namespace tidemark::storage

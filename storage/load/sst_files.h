// Sorted files for ingestion into the store.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "storage/load/room_check.h"
#include "storage/store/rocks.h"

namespace rocksdb {
class SstFileWriter;
}  // namespace rocksdb

namespace tidemark::storage {

// Owns the files `<path_prefix><number>.sst`: what was not moved away is removed with it. Thread-safe.
class SstOutput {
 public:
  // `store` and `files` must outlive it.
  SstOutput(const RocksStore& store, FileSystem& files, std::string path_prefix,
            RoomCheck check_room = nullptr);
  ~SstOutput();
  SstOutput(const SstOutput&) = delete;
  SstOutput& operator=(const SstOutput&) = delete;

  [[nodiscard]] const rocksdb::Options& options() const { return store_.table_options(); }
  std::string next_path();
  [[nodiscard]] Result<void> check_room() const { return check_room_ ? check_room_() : Result<void>(); }

 private:
  const RocksStore& store_;
  FileSystem& files_;
  const std::string path_prefix_;
  const RoomCheck check_room_;
  std::mutex mutex_;
  std::vector<std::string> paths_;  // guarded by mutex_
};

// Writes ascending entries into as many files as they need. Not thread-safe. Errors of all methods: kIo,
// kNoSpace.
class SstFileSequence {
 public:
  explicit SstFileSequence(SstOutput& output);
  ~SstFileSequence();

  // Keys must be strictly ascending.
  Result<void> add(std::string_view key, std::string_view value);
  // Completes the last file; returns the paths of all.
  Result<std::vector<std::string>> finish();

 private:
  Result<void> finish_file();

  SstOutput& output_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  std::uint64_t file_bytes_ = 0;  // uncompressed, of the current file
  std::uint64_t bytes_since_check_ = 0;
  std::vector<std::string> paths_;
};

}  // namespace tidemark::storage

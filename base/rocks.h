// What every RocksDB of the process shares: how its failures are told, and where its warnings go. The header
// names RocksDB's types without including them.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Logger;
class Status;
}  // namespace rocksdb

namespace tidemark {

// kNoSpace, kUnavailable (busy, or locked by another process), kCorruption or kIo, with RocksDB's own words
// behind `what`. `status` must not be ok.
Error rocks_error(const rocksdb::Status& status, std::string_view what);

// Passes warnings and errors on to our log, under `name`. RocksDB's own logger is one more file to create and
// sync, and in 7.8.3 an assertion of it ends the process when the disk is full.
std::shared_ptr<rocksdb::Logger> rocks_logger(std::string name);

// What a compaction meets that reads a damaged file. It cannot be merged with others, but that is no reason
// to take no writes any more, or to end: what lies in it is refused when it is read, and the rest is as good
// as before. Thread-safety: all methods may be called concurrently.
class DamageWatch {
 public:
  // From OnBackgroundError(): whether the error, of a compaction or not, is damage; then RocksDB need not
  // know of it. Tells the log, once.
  bool takes(const rocksdb::Status& error, bool of_compaction);
  // Without this a compaction that found damage is tried again every second.
  void stop_compactions(rocksdb::DB& db, const std::vector<rocksdb::ColumnFamilyHandle*>& families);

 private:
  std::atomic<bool> is_found_ = false;
  std::atomic<bool> has_to_stop_ = false;
};

}  // namespace tidemark

// Space on the disk for the log of the metadata's database.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace rocksdb {
class FileSystem;
class Status;
}  // namespace rocksdb

namespace tidemark::s3emu {

// Puts space aside before RocksDB writes its log. When a write to the log fails in the middle, RocksDB 7.8.3
// cannot go on: an assertion of its own ends the process as soon as it recovers, and half a record lies in
// the log. So a write that might find no space does not begin. Thread-safety: all methods may be called
// concurrently.
class LogSpace {
 public:
  virtual ~LogSpace() = default;

  // `files`, whose logs take the space that was put aside. For one database in `directory`.
  static std::shared_ptr<LogSpace> over(const std::shared_ptr<rocksdb::FileSystem>& files,
                                        std::string directory);
  [[nodiscard]] virtual std::shared_ptr<rocksdb::FileSystem> files() = 0;

  // Before a batch of so many bytes is written. When this fails (NoSpace: there is none, no descriptor, or no
  // quota) nothing is put aside. Otherwise release() has to follow, with the same number. What adds rows
  // leaves a little for batches that only take some away.
  [[nodiscard]] virtual rocksdb::Status take(std::uint64_t batch_bytes, bool adds_rows) = 0;
  virtual void release(std::uint64_t batch_bytes) = 0;
  // Before RocksDB goes on to another log of its own accord: when this fails, it must not.
  [[nodiscard]] virtual rocksdb::Status prepare() = 0;
  // The last before the database is closed.
  virtual void close() = 0;
};

}  // namespace tidemark::s3emu

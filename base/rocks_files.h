// The files of every RocksDB of the process.
#pragma once

#include <memory>

namespace rocksdb {
class Env;
class FileSystem;
class IOStatus;
}  // namespace rocksdb

namespace tidemark {

// For RocksDB's options: the machine's files, with failures judged as below. Lives as long as the process.
rocksdb::Env* rocks_env();

// Tells RocksDB that there is no space where there are no file descriptors left or a quota is used up: these
// pass, as a full disk does, and RocksDB takes any other failure for one that never will.
std::shared_ptr<rocksdb::FileSystem> with_failures_judged(const std::shared_ptr<rocksdb::FileSystem>& files);

// Whether a call of the machine's files failed with this `errno`, other than ENOSPC. RocksDB keeps no number
// of an error, but its text stands at the end.
bool has_failed_with(const rocksdb::IOStatus& status, int number);

}  // namespace tidemark

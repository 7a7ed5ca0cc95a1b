// The files of every RocksDB of the process.
#pragma once

#include <memory>

namespace rocksdb {
class Env;
class FileSystem;
}  // namespace rocksdb

namespace tidemark {

// For RocksDB's options: the machine's files, with failures judged as below. Lives as long as the process.
rocksdb::Env* rocks_env();

// Tells RocksDB that there is no space where there are no file descriptors left or a quota is used up: these
// pass, as a full disk does, and RocksDB takes any other failure for one that never will.
std::shared_ptr<rocksdb::FileSystem> with_failures_judged(std::shared_ptr<rocksdb::FileSystem> files);

}  // namespace tidemark

// What every RocksDB of the process shares: how its failures are told, and where its warnings go. The header
// names RocksDB's types without including them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace rocksdb {
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

}  // namespace tidemark

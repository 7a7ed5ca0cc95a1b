// RocksDB's memtables, kept in our own list (entry_list.h).
#pragma once

#include <memory>

namespace rocksdb {
class MemTableRepFactory;
}  // namespace rocksdb

namespace tidemark {

// For column families that compare keys as bytes and are written by one thread at a time
// (allow_concurrent_memtable_write is off), and have no merge operator.
std::shared_ptr<rocksdb::MemTableRepFactory> make_memtable_factory();

}  // namespace tidemark

// What the engine can say of itself, for /_tidemark/metrics.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "storage/engine.h"

namespace tidemark::storage {

struct StoreFigure {
  std::string_view name;  // of a metric, without the program's prefix: `rocksdb_memtable_bytes`
  std::string_view help;
  std::uint64_t value = 0;
};

// RocksDB's essentials. Thread-safe; waits for nothing but RocksDB's own mutex.
std::vector<StoreFigure> store_figures(const Engine& engine);

// What the files of the change log, and those of the sealed history, take on disk.
struct DiskBytes {
  std::uint64_t log = 0;
  std::uint64_t history = 0;
  std::uint64_t state = 0;
};
// Looks at the directory, and may wait for the disk.
DiskBytes disk_bytes(const Engine& engine);

}  // namespace tidemark::storage

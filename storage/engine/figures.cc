#include "storage/figures.h"

#include <filesystem>

#include "storage/engine/local_engine.h"

namespace tidemark::storage {
namespace {

struct Property {
  const char* property;
  std::string_view name;
  std::string_view help;
};

constexpr Property kProperties[] = {
    {"rocksdb.cur-size-all-mem-tables", "rocksdb_memtable_bytes",
     "Memory of memtables that are not on disk yet"},
    {"rocksdb.num-immutable-mem-table", "rocksdb_immutable_memtables",
     "Memtables that wait to be written to disk"},
    {"rocksdb.estimate-pending-compaction-bytes", "rocksdb_pending_compaction_bytes",
     "What compactions have yet to rewrite, estimated"},
    {"rocksdb.num-running-compactions", "rocksdb_running_compactions", "Compactions in progress"},
    {"rocksdb.num-running-flushes", "rocksdb_running_flushes", "Flushes in progress"},
    {"rocksdb.live-sst-files-size", "rocksdb_live_file_bytes", "SST files of the newest version"},
    {"rocksdb.estimate-num-keys", "rocksdb_estimated_keys", "Keys, estimated"},
    {"rocksdb.estimate-table-readers-mem", "rocksdb_table_reader_bytes",
     "Memory of open files beside the cache"},
    {"rocksdb.num-snapshots", "rocksdb_snapshots", "Snapshots that are held"},
    {"rocksdb.background-errors", "rocksdb_background_errors", "Flushes and compactions that failed"},
    {"rocksdb.is-write-stopped", "rocksdb_write_stopped", "1 while RocksDB lets nobody write"},
};

std::uint64_t bytes_below(const std::string& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end;
       file.increment(error)) {
    std::error_code gone;
    const std::uint64_t size = file->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace

std::vector<StoreFigure> LocalEngine::figures() const {
  std::vector<StoreFigure> figures;
  for (const Property& one : kProperties) {
    std::uint64_t value = 0;
    if (!store_->db().GetAggregatedIntProperty(one.property, &value) &&
        !store_->db().GetIntProperty(one.property, &value)) {
      continue;
    }
    figures.push_back({one.name, one.help, value});
  }
  // All families share one cache.
  std::uint64_t cache = 0;
  if (store_->db().GetIntProperty(rocksdb::DB::Properties::kBlockCacheUsage, &cache)) {
    figures.push_back({"rocksdb_block_cache_bytes", "Memory of the block cache", cache});
  }
  return figures;
}

DiskBytes LocalEngine::disk_bytes() const {
  return {.log = bytes_below(log_directory_),
          .history = bytes_below(options_.directory + "/history"),
          .state = bytes_below(options_.directory + "/state")};
}

// There is one kind of engine.
std::vector<StoreFigure> store_figures(const Engine& engine) {
  return dynamic_cast<const LocalEngine&>(engine).figures();
}

DiskBytes disk_bytes(const Engine& engine) { return dynamic_cast<const LocalEngine&>(engine).disk_bytes(); }

}  // namespace tidemark::storage

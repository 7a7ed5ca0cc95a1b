// The bulk loader: sorts items outside of RocksDB, writes SST files for state and indexes, and has the engine
// ingest them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "storage/bulk_loader.h"
#include "storage/load/room_check.h"
#include "storage/store/rocks.h"
#include "storage/table.h"

namespace tidemark::storage {

// What a finished load hands to the engine.
struct BulkLoadFiles {
  std::vector<std::string> state;
  std::vector<std::string> index;
  // What comes to the counters of the table and of each of its indexes.
  std::vector<std::pair<TableId, TableStats>> counters;
};

struct BulkLoadTarget {
  const RocksStore* store = nullptr;
  FileSystem* files = nullptr;
  // For temporary files, on the file system of the store: see sweep_bulk_loads().
  std::string directory;
  TablePtr table;
  // A commit time of its own, taken when the load began: every item's write time.
  Timestamp write_time;
  // Ingests the files and commits the counters; kNotFound when the table is gone. The files may be moved.
  // Called once, by finish().
  std::function<Result<void>(const BulkLoadFiles&)> ingest;
  RoomCheck check_room = nullptr;  // asked before each MB or so
};

// `store` and `files` must outlive the loader.
std::unique_ptr<BulkLoader> make_bulk_loader(BulkLoadTarget target, const BulkLoadOptions& options);

// Goes on with the load of that table which the last process left, with the write time that it had.
// Nothing when there is none; one that is damaged is removed. Errors: kIo.
Result<std::optional<ResumedLoad>> resume_bulk_load(BulkLoadTarget target, const BulkLoadOptions& options);

// Creates the directory, and removes what loads that were cut off have left there. Of tables that still wait
// for their items stays what resume_bulk_load() needs. Call it before the first load.
Result<void> sweep_bulk_loads(FileSystem& files, const std::string& directory,
                              const std::function<bool(TableId)>& still_waits);
// Removes what there is of a load of this table, which nobody works on.
Result<void> remove_bulk_load(FileSystem& files, const std::string& directory, TableId table);

}  // namespace tidemark::storage

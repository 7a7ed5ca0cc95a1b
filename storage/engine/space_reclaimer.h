// Gives back what tables and indexes that were dropped, retired tables that nobody holds any more, and
// history that nobody needs take on disk.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <utility>

#include "base/result.h"
#include "storage/catalog/catalog_store.h"
#include "storage/catalog/retention.h"
#include "storage/history/history.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {

struct SpaceReclaimerParts {
  RocksStore* store = nullptr;
  CatalogStore* catalog = nullptr;
  Retention* retention = nullptr;
  History* history = nullptr;
  std::function<Result<void>()> sync_log;
};

// Thread-safety: all methods may be called concurrently.
class SpaceReclaimer {
 public:
  // All parts must outlive it.
  explicit SpaceReclaimer(SpaceReclaimerParts parts) : parts_(std::move(parts)) {}

  // Does what can be done now: what a snapshot still shows, or a hold keeps, is for a later call. Reads and
  // writes as much as lies in the files that are shared with what stays. Errors: kIo, kNoSpace, kUnavailable
  // when stopped: the next call goes on.
  Result<void> run(const std::stop_token& stop);

 private:
  Result<void> reclaim_state(const std::stop_token& stop);

  const SpaceReclaimerParts parts_;
  std::mutex mutex_;
  // A snapshot that was taken at this sequence of RocksDB, or later, does not show the table or index any
  // more.
  std::map<TableId, std::uint64_t> gone_at_;  // guarded by mutex_
};

}  // namespace tidemark::storage

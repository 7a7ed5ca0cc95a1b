// A table as it stood at one moment, read in key order by parallel workers while writes go on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/partition.h"
#include "storage/query.h"
#include "storage/table.h"

namespace tidemark::storage {

// Walks the items of one range in key order. Constant memory. Not thread-safe; the readers of one snapshot
// are independent of one another.
class SnapshotReader {
 public:
  virtual ~SnapshotReader() = default;
  // False at the end, or on an error: see status().
  virtual bool next() = 0;
  // Canonical text of the item; valid until next().
  [[nodiscard]] virtual std::string_view text() const = 0;
  [[nodiscard]] virtual std::uint32_t size_bytes() const = 0;
  [[nodiscard]] virtual Timestamp write_time() const = 0;
  [[nodiscard]] virtual Result<void> status() const = 0;
};

// Pins what it needs: live state and history stay readable until it is gone, also when the table is deleted
// or history ages out meanwhile. Keep it only while workers run: it holds back compaction. Thread-safety: all
// methods may be called concurrently. Must not outlive the engine.
class TableSnapshot {
 public:
  virtual ~TableSnapshot() = default;
  // The state holds exactly the commits with a time at or before this one.
  [[nodiscard]] virtual Timestamp time() const = 0;
  [[nodiscard]] virtual const Table& table() const = 0;
  // As they were at that moment, in hash order.
  [[nodiscard]] const std::vector<Partition>& partitions() const { return table().partitions; }
  // Reads the items of a range of partitions, all or those within some keys of the table. The reader must not
  // outlive the snapshot.
  virtual Result<std::unique_ptr<SnapshotReader>> read(HashRange range,
                                                       const std::optional<KeyRange>& within) = 0;
  Result<std::unique_ptr<SnapshotReader>> read(HashRange range) { return read(range, std::nullopt); }
};

}  // namespace tidemark::storage

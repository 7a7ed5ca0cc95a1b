// What an export writes: a table at a moment, or what changed in it in a window, as records of a format.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/changes.h"
#include "storage/partition.h"
#include "storage/snapshot.h"
#include "transfer/export_record.h"
#include "transfer/item_filter.h"

namespace tidemark::transfer {

// Walks what one range has. Not thread-safe.
class ExportReader {
 public:
  enum class Step {
    kRecord,   // appended
    kLeftOut,  // by the filter
    kEnd,      // or an error: see status()
  };

  virtual ~ExportReader() = default;
  virtual Step next(std::string* out) = 0;
  // What the last record weighs: the size of its images, as the service counts items.
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
  [[nodiscard]] virtual Result<void> status() const = 0;
};

// Pins what it reads until it is gone. Thread-safety: all methods may be called concurrently.
class ExportSource {
 public:
  virtual ~ExportSource() = default;
  [[nodiscard]] virtual const std::vector<storage::Partition>& partitions() const = 0;
  // The reader must not outlive the source.
  virtual Result<std::unique_ptr<ExportReader>> read(storage::HashRange range) = 0;
};

// As the record wants it: format, view. `filter` may be null.
std::unique_ptr<ExportSource> full_export_source(const ExportRecord& record,
                                                 std::unique_ptr<storage::TableSnapshot> snapshot,
                                                 std::unique_ptr<ItemFilter> filter);
std::unique_ptr<ExportSource> incremental_export_source(const ExportRecord& record,
                                                        std::unique_ptr<storage::TableChanges> changes,
                                                        std::unique_ptr<ItemFilter> filter);

}  // namespace tidemark::transfer

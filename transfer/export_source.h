// What an export writes: a table at a moment, or what changed in it in a window, as records of a format.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
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
  // With what a file begins that its records go to.
  virtual void append_head(std::string* out) = 0;
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
  // Whether survey() has to be called for each partition before the first read(): the format wants to know
  // all of the table first.
  [[nodiscard]] virtual bool wants_survey() const { return false; }
  // Errors: kInvalidArgument, with a sentence for the client, when the format cannot take the table;
  // kUnavailable when stopped.
  virtual Result<void> survey(storage::HashRange /*range*/, const std::stop_token& /*stop*/) { return {}; }
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

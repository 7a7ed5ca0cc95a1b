// Reads one object of an import: from its first byte to its last, or to where it cannot be read any more.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "jobs/job_progress.h"
#include "jobs/job_stop.h"
#include "model/item.h"
#include "storage/bulk_loader.h"
#include "storage/table.h"
#include "transfer/format/record_stream.h"
#include "transfer/import_error_log.h"
#include "transfer/import_record.h"

namespace tidemark::transfer {

// Not thread-safe.
class ObjectImport {
 public:
  // All must outlive it. `position` is the object's among all: when a key comes twice, the later item of the
  // later object wins.
  ObjectImport(const ImportRecord& record, const storage::Table& table, storage::BulkLoader::Feeder& feeder,
               jobs::JobProgress& progress, ImportErrorLog& error_log, const std::string& key,
               std::uint64_t position);

  // Errors: kUnavailable when the stop is requested; those of the file and of the feeder.
  Result<void> run(const File& data, std::uint64_t size, const jobs::JobStop& stop);
  // The object cannot be read, or read on: one error, and it is done with.
  void refuse_rest(const std::string& message, std::uint64_t size);

  // What progress was told of.
  [[nodiscard]] const jobs::JobCounts& counts() const { return counts_; }

 private:
  Result<void> take_records(const jobs::JobStop& stop);
  Result<void> take_item();
  void refuse(const std::string& message);
  void report_batch(std::uint64_t stored_bytes);

  const ImportRecord& record_;
  const storage::Table& table_;
  storage::BulkLoader::Feeder& feeder_;
  jobs::JobProgress& progress_;
  ImportErrorLog& error_log_;
  const std::string& key_;
  const std::uint64_t position_;

  std::uint64_t index_ = 0;  // of the record within the object
  std::uint64_t next_order_;
  std::uint64_t stored_bytes_ = 0;  // that progress was told of
  bool abandoned_ = false;
  format::RecordStream stream_;
  model::Item item_;
  jobs::JobCounts batch_;  // done since progress_ was told
  jobs::JobCounts counts_;
  std::uint64_t plain_bytes_reported_ = 0;
};

}  // namespace tidemark::transfer

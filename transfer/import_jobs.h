// Imports as jobs: how one is begun with its table, and taken up after a restart.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "base/result.h"
#include "jobs/job_kind.h"
#include "model/table_schema.h"
#include "storage/engine.h"
#include "transfer/bucket/bucket.h"
#include "transfer/import_error_log.h"
#include "transfer/import_record.h"

namespace tidemark::transfer {

// Who fills a table that is being imported (storage::FilledBy).
inline constexpr char kImportKind[] = "import";

struct ImportRequest {
  // The members that the request decides; ids, times and outcome are filled in.
  ImportRecord record;
  model::TableSchema schema;
};

enum class ImportRefusal {
  kTokenConflict,  // the client token belongs to a request for another table
  kTableExists,
  kTooManyJobs,
  kEngine,
};

// Thread-safety: all methods may be called concurrently.
class ImportJobs {
 public:
  struct Options {
    std::string error_log_directory;
    int workers = 4;  // threads of one job
  };

  // All must outlive it.
  ImportJobs(jobs::JobRegistry& registry, storage::Engine& engine, Buckets& buckets, FileSystem& files,
             Clock& clock, Random& random, Options options);

  // Creates the table, CREATING until the data is in. A repeated client token answers the record it began.
  // Source: DynamoDB API reference, ImportTable, ClientToken; recorded answers.
  Result<ImportRecord, jobs::StartError<ImportRefusal>> start(ImportRequest request);

  [[nodiscard]] const jobs::JobBook<ImportRecord>& book() const { return kind_.book(); }

  // The records that an import has refused so far, as they were written down: ImportErrorLog::kLinesMax of
  // them at most.
  [[nodiscard]] bool has_errors(const ImportRecord& record) const;
  [[nodiscard]] Result<std::vector<ImportError>> errors(const ImportRecord& record) const;

 private:
  using Kind = jobs::JobKind<ImportRecord>;

  // Reads the source, unless that was done before.
  Kind::Work work(const ImportRecord& record, std::optional<jobs::JobResult<ImportRecord>> read = {});
  jobs::JobResult<ImportRecord> read(const ImportRecord& record, const jobs::JobStop& stop,
                                     jobs::JobProgress& progress);
  // Opens the table of a job that is done, drops that of one that failed.
  Result<void> settle(ImportRecord& record, bool worked);
  void resume(const ImportRecord& record);
  void forget(const ImportRecord& record);

  storage::Engine& engine_;
  Buckets& buckets_;
  FileSystem& files_;
  Clock& clock_;
  Random& random_;
  const Options options_;
  std::mutex start_mutex_;  // one start at a time: tokens are looked up and recorded
  Kind kind_;               // last: its jobs use what is above
};

}  // namespace tidemark::transfer

// Starts, remembers and, after a restart, resumes exports and imports.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "model/table_schema.h"
#include "s3emu/access/job_access.h"
#include "s3emu/store/object_store.h"
#include "storage/engine.h"
#include "transfer/export_record.h"
#include "transfer/import_record.h"
#include "transfer/job_runner.h"

namespace tidemark::transfer {

struct ExportRequest {
  // The members that the request decides; ids, times and outcome are filled in. An empty client_token gets a
  // new one.
  ExportRecord record;
  std::optional<Timestamp> export_time;  // nothing: now
  std::string fingerprint;               // equal for requests with equal parameters
};

struct ImportRequest {
  ImportRecord record;  // as above
  model::TableSchema schema;
};

enum class StartFailure {
  kTokenConflict,    // the client token belongs to a request with other parameters
  kTimeUnavailable,  // the export time is outside what history holds
  kTableNotFound,
  kTableExists,
  kTooManyJobs,
  kEngine,
};
struct StartError {
  StartFailure failure;
  Error error;  // with kEngine

  explicit StartError(StartFailure what) : failure(what) {}
  // NOLINTNEXTLINE(google-explicit-constructor): so that RETURN_IF_ERROR converts
  StartError(Error cause) : failure(StartFailure::kEngine), error(std::move(cause)) {}
};

// Thread-safety: all methods may be called concurrently.
class TransferService {
 public:
  struct Options {
    std::string error_log_directory;  // of imports
    int jobs_at_once = 2;
    int workers = 4;  // threads of one job
  };

  // All must outlive the service.
  TransferService(storage::Engine& engine, s3emu::ObjectStore& objects, s3emu::JobAccess& access,
                  FileSystem& files, Clock& clock, Random& random, Options options);

  // Takes up the jobs that were running when the process ended: imports from the start; exports again at
  // their export time, or they fail when history no longer holds it. Forgets jobs older than the service
  // remembers them. Call once, before requests come.
  void resume();

  // The export's state is pinned when this returns. A repeated client token answers the record it began.
  // Source: DynamoDB API reference, ExportTableToPointInTime, ClientToken.
  Result<ExportRecord, StartError> start_export(ExportRequest request);
  [[nodiscard]] std::optional<ExportRecord> find_export(std::string_view arn) const;
  // Newest first; of one table (by its uuid) or of all of the owner's.
  [[nodiscard]] std::vector<ExportRecord> list_exports(const storage::Owner& owner,
                                                       const std::optional<std::string>& table_uuid) const;

  // Creates the table, CREATING until the data is in.
  Result<ImportRecord, StartError> start_import(ImportRequest request);
  [[nodiscard]] std::optional<ImportRecord> find_import(std::string_view arn) const;
  // Newest first; by table ARN, also of tables long gone.
  [[nodiscard]] std::vector<ImportRecord> list_imports(const storage::Owner& owner,
                                                       const std::optional<std::string>& table_arn) const;
  // True while an import fills that table: nobody else may call it ready.
  [[nodiscard]] bool is_importing(storage::TableId table) const;

 private:
  Result<void> submit_export(const ExportRecord& record, std::unique_ptr<storage::TableSnapshot> snapshot);
  Result<void> submit_import(const ImportRecord& record);
  void finish_import(ImportRecord record, const std::stop_token& stop);
  Result<void> save(const ExportRecord& record);
  Result<void> save(const ImportRecord& record);
  // A job has ended and nobody waits for the answer: a record that cannot be saved goes to the log.
  template <class Record>
  void save_end(const Record& record);
  void resume_export(ExportRecord record);
  void resume_import(ImportRecord record);

  storage::Engine& engine_;
  s3emu::ObjectStore& objects_;
  s3emu::JobAccess& access_;
  FileSystem& files_;
  Clock& clock_;
  Random& random_;
  Options options_;
  std::mutex start_mutex_;  // one start at a time: tokens are looked up and recorded
  JobRunner runner_;        // last: its jobs use what is above
};

}  // namespace tidemark::transfer

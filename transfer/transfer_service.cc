#include "transfer/transfer_service.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/log.h"
#include "transfer/client_tokens.h"
#include "transfer/export_job.h"
#include "transfer/import_job.h"

namespace tidemark::transfer {
namespace {

constexpr std::string_view kExportTokens = "export-token";
constexpr std::string_view kImportTokens = "import-token";
// How long the service lists ended jobs.
constexpr std::int64_t kRememberedSeconds = 90LL * 24 * 3'600;

template <class Record>
storage::Owner owner_of(const Record& record) {
  return {record.account_id, record.region};
}

template <class Record>
bool is_token_expired(const Record& record, Timestamp now) {
  return record.status != JobStatus::kInProgress && record.end_time.plus_seconds(kTokenLifetimeSeconds) < now;
}

template <class Record>
void mark_failed(Record& record, const JobFailure& failure, Timestamp now) {
  record.status = JobStatus::kFailed;
  record.failure_code = failure.code;
  record.failure_message = failure.message;
  record.end_time = std::max(now, record.start_time);
}

std::optional<ExportRecord> parse(const std::string& text, const ExportRecord*) {
  if (auto record = export_record_from_json(text)) return *std::move(record);
  return std::nullopt;
}
std::optional<ImportRecord> parse(const std::string& text, const ImportRecord*) {
  if (auto record = import_record_from_json(text)) return *std::move(record);
  return std::nullopt;
}

// All readable records of a kind, newest first.
template <class Record>
std::vector<Record> all_records(const storage::Catalog& catalog, std::string_view kind) {
  std::vector<Record> records;
  for (const auto& [arn, text] : catalog.list_documents(kind)) {
    if (auto record = parse(text, static_cast<const Record*>(nullptr))) {
      records.push_back(*std::move(record));
    } else {
      log::error("a job record cannot be read", {{"arn", arn}});
    }
  }
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.id > b.id; });
  return records;
}

template <class Record>
std::optional<Record> find_record(const storage::Catalog& catalog, std::string_view kind,
                                  std::string_view arn) {
  const auto text = catalog.find_document(kind, arn);
  return text ? parse(*text, static_cast<const Record*>(nullptr)) : std::nullopt;
}

// Opens an imported table, and its indexes, which were filled with it.
Result<void> activate(storage::Catalog& catalog, storage::TableId table) {
  const auto changed = catalog.update_table(table, [](model::TableSchema& schema) -> Result<void> {
    schema.status = model::TableStatus::kActive;
    for (model::IndexSchema& index : schema.indexes) index.status = model::IndexStatus::kActive;
    return {};
  });
  if (!changed) return fail(changed.error());
  return {};
}

}  // namespace

TransferService::TransferService(storage::Engine& engine, s3emu::ObjectStore& objects,
                                 s3emu::JobAccess& access, FileSystem& files, Clock& clock, Random& random,
                                 Options options)
    : engine_(engine),
      objects_(objects),
      access_(access),
      files_(files),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      runner_(options_.jobs_at_once) {}

Result<ExportRecord, StartError> TransferService::start_export(ExportRequest request) {
  const std::lock_guard lock(start_mutex_);
  ExportRecord& record = request.record;
  const storage::Owner owner = owner_of(record);
  if (const auto use = find_token(engine_.catalog(), kExportTokens, owner, record.client_token)) {
    const auto earlier = find_export(use->arn);
    if (earlier && !is_token_expired(*earlier, clock_.now())) {
      if (use->fingerprint != request.fingerprint) return fail(StartError(StartFailure::kTokenConflict));
      return *earlier;
    }
  }
  if (record.client_token.empty()) record.client_token = random_.uuid();

  const storage::TableId table_id{record.table_id};
  auto snapshot =
      request.export_time ? engine_.snapshot_at(table_id, *request.export_time) : engine_.snapshot(table_id);
  if (!snapshot && snapshot.error().code == ErrorCode::kInvalidArgument) {
    return fail(StartError(StartFailure::kTimeUnavailable));
  }
  if (!snapshot && snapshot.error().code == ErrorCode::kNotFound)
    return fail(StartError(StartFailure::kTableNotFound));
  if (!snapshot) return fail(StartError(std::move(snapshot).error()));

  // An export of "now" began, by its own account, at the moment that it shows.
  record.export_time = request.export_time ? *request.export_time : (*snapshot)->time();
  record.start_time = request.export_time ? clock_.now().floor_millis() : record.export_time;
  record.id = job_id(record.start_time, random_.hex(8));
  record.arn = record.table_arn + "/export/" + record.id;
  // The token first: one of a job that is not there means nothing, but a job in progress must run.
  RETURN_IF_ERROR(remember_token(engine_.catalog(), kExportTokens, owner, record.client_token,
                                 {record.arn, request.fingerprint}));
  RETURN_IF_ERROR(save(record));
  if (auto submitted = submit_export(record, *std::move(snapshot)); !submitted) {
    static_cast<void>(engine_.catalog().remove_document(kExportDocument, record.arn));
    return fail(StartError(StartFailure::kTooManyJobs));
  }
  return record;
}

Result<void> TransferService::submit_export(const ExportRecord& record,
                                            std::unique_ptr<storage::TableSnapshot> snapshot) {
  // A job must be copyable to be queued, a snapshot is not.
  auto shared = std::make_shared<std::unique_ptr<storage::TableSnapshot>>(std::move(snapshot));
  return runner_.submit([this, record, shared](const std::stop_token& stop) {
    auto outcome =
        run_export(record, std::move(*shared), {objects_, access_, clock_, random_, options_.workers}, stop);
    // Cut off by the end of the process: stays IN_PROGRESS, for resume() to take up.
    if (!outcome && outcome.error().code == kInterruptedCode) return;
    ExportRecord ended = record;
    if (outcome) {
      ended = *std::move(outcome);
    } else {
      mark_failed(ended, outcome.error(), clock_.now());
    }
    save_end(ended);
  });
}

Result<ImportRecord, StartError> TransferService::start_import(ImportRequest request) {
  const std::lock_guard lock(start_mutex_);
  ImportRecord& record = request.record;
  const storage::Owner owner = owner_of(record);
  if (const auto use = find_token(engine_.catalog(), kImportTokens, owner, record.client_token)) {
    const auto earlier = find_import(use->arn);
    if (earlier && !is_token_expired(*earlier, clock_.now())) {
      if (earlier->table_name != record.table_name) return fail(StartError(StartFailure::kTokenConflict));
      const bool ended = earlier->status != JobStatus::kInProgress;
      if (ended && engine_.catalog().find(owner, record.table_name))
        return fail(StartError(StartFailure::kTableExists));
      return *earlier;
    }
  }
  if (record.client_token.empty()) record.client_token = random_.uuid();

  record.start_time = clock_.now().floor_millis();
  record.id = job_id(record.start_time, random_.hex(8));
  record.arn = record.table_arn + "/import/" + record.id;
  auto table = engine_.catalog().create_table(std::move(request.schema));
  if (!table && table.error().code == ErrorCode::kAlreadyExists)
    return fail(StartError(StartFailure::kTableExists));
  if (!table) return fail(StartError(std::move(table).error()));
  record.table_id = static_cast<std::uint32_t>((*table)->id);
  record.table_uuid = (*table)->schema.uuid;
  auto recorded = remember_token(engine_.catalog(), kImportTokens, owner, record.client_token,
                                 {record.arn, record.table_name});
  if (recorded) recorded = save(record);
  if (!recorded) {
    static_cast<void>(engine_.catalog().drop_table((*table)->id));
    return fail(StartError(std::move(recorded).error()));
  }
  if (auto submitted = submit_import(record); !submitted) {
    static_cast<void>(engine_.catalog().remove_document(kImportDocument, record.arn));
    static_cast<void>(engine_.catalog().drop_table((*table)->id));
    return fail(StartError(StartFailure::kTooManyJobs));
  }
  return record;
}

Result<void> TransferService::submit_import(const ImportRecord& record) {
  return runner_.submit([this, record](const std::stop_token& stop) { finish_import(record, stop); });
}

void TransferService::finish_import(ImportRecord record, const std::stop_token& stop) {
  const ImportJobContext context{
      engine_, objects_, access_, files_, clock_, random_, options_.error_log_directory, options_.workers};
  const storage::TableId table_id{record.table_id};
  auto outcome =
      run_import(record, context, stop, [this](const ImportRecord& loaded) { return save(loaded); });
  if (!outcome && outcome.error().code == kInterruptedCode) return;
  if (outcome) {
    record = *std::move(outcome);
    const auto activated = activate(engine_.catalog(), table_id);
    // Deleted as soon as it could be seen: the import has done its work all the same.
    if (!activated && activated.error().code != ErrorCode::kNotFound) {
      mark_failed(record, failure_of(activated.error()), clock_.now());
    }
  } else {
    mark_failed(record, outcome.error(), clock_.now());
    static_cast<void>(engine_.catalog().drop_table(table_id));
  }
  save_end(record);
}

Result<void> TransferService::save(const ExportRecord& record) {
  return engine_.catalog().put_document(kExportDocument, record.arn, to_json(record));
}
Result<void> TransferService::save(const ImportRecord& record) {
  return engine_.catalog().put_document(kImportDocument, record.arn, to_json(record));
}

template <class Record>
void TransferService::save_end(const Record& record) {
  if (auto saved = save(record); !saved) {
    log::error("the end of a job cannot be recorded",
               {{"arn", record.arn}, {"error", saved.error().message}});
  }
}

std::optional<ExportRecord> TransferService::find_export(std::string_view arn) const {
  return find_record<ExportRecord>(engine_.catalog(), kExportDocument, arn);
}
std::optional<ImportRecord> TransferService::find_import(std::string_view arn) const {
  return find_record<ImportRecord>(engine_.catalog(), kImportDocument, arn);
}

std::vector<ExportRecord> TransferService::list_exports(const storage::Owner& owner,
                                                        const std::optional<std::string>& table_uuid) const {
  auto records = all_records<ExportRecord>(engine_.catalog(), kExportDocument);
  std::erase_if(records, [&](const ExportRecord& record) {
    return record.account_id != owner.account_id || record.region != owner.region ||
           (table_uuid && record.table_uuid != *table_uuid);
  });
  return records;
}

std::vector<ImportRecord> TransferService::list_imports(const storage::Owner& owner,
                                                        const std::optional<std::string>& table_arn) const {
  auto records = all_records<ImportRecord>(engine_.catalog(), kImportDocument);
  std::erase_if(records, [&](const ImportRecord& record) {
    return record.account_id != owner.account_id || record.region != owner.region ||
           (table_arn && record.table_arn != *table_arn);
  });
  return records;
}

bool TransferService::is_importing(storage::TableId table) const {
  const auto records = all_records<ImportRecord>(engine_.catalog(), kImportDocument);
  return std::any_of(records.begin(), records.end(), [&](const ImportRecord& record) {
    return record.status == JobStatus::kInProgress && record.table_id == static_cast<std::uint32_t>(table);
  });
}

void TransferService::resume() {
  const Timestamp oldest = clock_.now().plus_seconds(-kRememberedSeconds);
  for (auto& record : all_records<ExportRecord>(engine_.catalog(), kExportDocument)) {
    if (record.status == JobStatus::kInProgress) {
      resume_export(std::move(record));
    } else if (record.end_time < oldest) {
      static_cast<void>(engine_.catalog().remove_document(kExportDocument, record.arn));
      static_cast<void>(
          forget_token(engine_.catalog(), kExportTokens, owner_of(record), record.client_token));
    }
  }
  for (auto& record : all_records<ImportRecord>(engine_.catalog(), kImportDocument)) {
    if (record.status == JobStatus::kInProgress) {
      resume_import(std::move(record));
    } else if (record.end_time < oldest) {
      static_cast<void>(engine_.catalog().remove_document(kImportDocument, record.arn));
      static_cast<void>(
          forget_token(engine_.catalog(), kImportTokens, owner_of(record), record.client_token));
    }
  }
}

void TransferService::resume_export(ExportRecord record) {
  auto snapshot = engine_.snapshot_at(storage::TableId{record.table_id}, record.export_time);
  if (snapshot && submit_export(record, *std::move(snapshot))) {
    log::info("an export goes on after a restart", {{"arn", record.arn}});
    return;
  }
  mark_failed(record,
              {"InternalServerError",
               "The server was restarted during the export, and its point in time is no longer available."},
              clock_.now());
  save_end(record);
}

void TransferService::resume_import(ImportRecord record) {
  const storage::TableId table_id{record.table_id};
  const auto table = engine_.catalog().find(table_id);
  // The data went in, only the end was not recorded: the items are there, or there were none.
  const bool is_loaded = table && record.loaded &&
                         (table->schema.status == model::TableStatus::kActive ||
                          engine_.stats(table_id).item_count > 0 || record.imported_items == 0);
  if (is_loaded) {
    static_cast<void>(activate(engine_.catalog(), table_id));
    record.status = JobStatus::kCompleted;
    record.end_time = std::max(clock_.now(), record.start_time);
    if (record.errors > 0) set_item_validation_failure(record);
    save_end(record);
    return;
  }
  record.loaded = false;
  if (table && submit_import(record)) {
    log::info("an import begins again after a restart", {{"arn", record.arn}});
    return;
  }
  // Nobody fills the table any more: it must not become ACTIVE without its items.
  if (table) static_cast<void>(engine_.catalog().drop_table(table_id));
  mark_failed(record, {"InternalServerError", "The server was restarted during the import."}, clock_.now());
  save_end(record);
}

}  // namespace tidemark::transfer

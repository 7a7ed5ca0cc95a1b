#include "transfer/import_jobs.h"

#include <utility>

#include "base/log.h"
#include "jobs/table_filling.h"
#include "transfer/bucket_lane.h"
#include "transfer/import_error_log.h"
#include "transfer/import_job.h"

namespace tidemark::transfer {
namespace {

using jobs::JobFailure;
using jobs::JobResult;

}  // namespace

ImportJobs::ImportJobs(jobs::JobRegistry& registry, storage::Engine& engine, Buckets& buckets,
                       FileSystem& files, Clock& clock, Random& random, Options options)
    : engine_(engine),
      buckets_(buckets),
      files_(files),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      kind_(registry, kImportKind,
            {.resume = [this](const ImportRecord& record) { resume(record); },
             .settle = [this](ImportRecord& record, bool worked) { return settle(record, worked); },
             .forget = [this](const ImportRecord& record) { forget(record); },
             .lane = [this](const ImportRecord& record) { return lane_of(buckets_, record.s3_bucket); }}) {}

Result<ImportRecord, jobs::StartError<ImportRefusal>> ImportJobs::start(ImportRequest request) {
  using StartError = jobs::StartError<ImportRefusal>;
  const std::lock_guard lock(start_mutex_);
  ImportRecord& record = request.record;
  // Only another table makes another request of it: the service ignores the rest.
  record.fingerprint = record.table_name;
  const auto taken = engine_.catalog().find({record.account_id, record.region}, record.table_name);
  if (taken && taken->schema.status != model::TableStatus::kCreating) {
    return fail(StartError(ImportRefusal::kTableExists));
  }
  if (auto earlier = kind_.find_repeated(record)) {
    if (earlier->fingerprint != record.fingerprint) return fail(StartError(ImportRefusal::kTokenConflict));
    return *std::move(earlier);
  }

  record.start_time = clock_.now().floor_millis();
  kind_.name_job(&record);
  auto table = engine_.table_states().begin_create(std::move(request.schema),
                                                   storage::FilledBy{.kind = kImportKind, .key = record.arn});
  if (!table && table.error().code == ErrorCode::kAlreadyExists) {
    return fail(StartError(ImportRefusal::kTableExists));
  }
  if (!table) return fail(StartError(std::move(table).error()));
  record.table_id = static_cast<std::uint32_t>((*table)->id);
  record.table_uuid = (*table)->schema.uuid;
  if (auto begun = kind_.begin(record, work(record)); !begun) {
    kind_.make_sure([this, record] { return jobs::abandon_table(engine_, record); });
    if (begun.error().code == ErrorCode::kConflict) return fail(StartError(ImportRefusal::kTooManyJobs));
    return fail(StartError(std::move(begun).error()));
  }
  return record;
}

ImportJobs::Kind::Work ImportJobs::work(const ImportRecord& record,
                                        std::optional<JobResult<ImportRecord>> read) {
  return
      [this, record, read = std::move(read)](const jobs::JobStop& stop, jobs::JobProgress& progress) mutable {
        const bool has_waited = read.has_value();
        if (!has_waited) read = this->read(record, stop, progress);
        if (has_waited && stop.requested()) read = fail(stop.failure());
        if (*read && !kind_.may_end(record)) return JobResult<ImportRecord>(fail(JobFailure::postponed()));
        if (*read) set_outcome(clock_.now(), &**read);
        return *std::move(read);
      };
}

JobResult<ImportRecord> ImportJobs::read(const ImportRecord& record, const jobs::JobStop& stop,
                                         jobs::JobProgress& progress) {
  const ImportJobContext context{.engine = engine_,
                                 .buckets = buckets_,
                                 .files = files_,
                                 .clock = clock_,
                                 .random = random_,
                                 .error_log_directory = options_.error_log_directory,
                                 .workers = options_.workers};
  const auto save_loaded = [this](const ImportRecord& loaded) {
    return kind_.update(loaded.id, [&loaded](ImportRecord& saved) -> Result<void> {
      saved.totals = loaded.totals;
      saved.error_log = loaded.error_log;
      saved.loaded = true;
      return {};
    });
  };
  return run_import(record, context, stop, progress, save_loaded);
}

Result<void> ImportJobs::settle(ImportRecord& record, bool worked) {
  if (!worked) {
    // There will be no table: nothing was imported, whatever was read.
    record.totals = {};
    record.loaded = false;
    // Records may have been refused before the import failed for another reason.
    const std::string path = import_error_path(options_.error_log_directory, record.id);
    if (files_.exists(path)) record.error_log = path;
  }
  // What is left of a load that was done, or was given up before it was resumed.
  RETURN_IF_ERROR(engine_.discard_load(storage::TableId{record.table_id}));
  return jobs::settle_table(engine_, record, worked);
}

bool ImportJobs::has_errors(const ImportRecord& record) const {
  return files_.exists(import_error_path(options_.error_log_directory, record.id));
}

Result<std::vector<ImportError>> ImportJobs::errors(const ImportRecord& record) const {
  auto errors = read_import_errors(files_, import_error_path(options_.error_log_directory, record.id),
                                   record.start_time);
  // There is none, or an attempt that begins anew has just removed it.
  if (!errors && errors.error().code == ErrorCode::kNotFound) return std::vector<ImportError>();
  return errors;
}

void ImportJobs::resume(const ImportRecord& record) {
  const auto found = jobs::filling_of(engine_, record, record.loaded, record.imported_items());
  if (found == jobs::Filling::kFilled) {
    if (!kind_.may_end(record) && kind_.launch(record, work(record, JobResult<ImportRecord>(record)))) return;
    ImportRecord loaded = record;
    set_outcome(clock_.now(), &loaded);
    kind_.end(record, std::move(loaded));
    return;
  }
  ImportRecord fresh = record;
  fresh.loaded = false;
  fresh.totals = {};
  fresh.error_log.clear();
  if (found == jobs::Filling::kGone) {
    kind_.end(fresh, fail(JobFailure{.code = "InternalServerError",
                                     .message = "The server was restarted during the import.",
                                     .cause = "the table is gone"}));
    return;
  }
  if (auto launched = kind_.launch(fresh, work(fresh)); !launched) {
    // Nobody fills the table any more: it must not become ACTIVE without its items.
    kind_.end(fresh, fail(JobFailure::internal(launched.error())));
    return;
  }
  log::info("an import is taken up after a restart", {{"job", record.arn}});
}

void ImportJobs::forget(const ImportRecord& record) {
  const std::string path = import_error_path(options_.error_log_directory, record.id);
  if (!files_.exists(path)) return;
  if (auto removed = files_.remove(path); !removed) {
    log::warn("the error log of an old import stays", {{"path", path}, {"error", removed.error().message}});
  }
}

}  // namespace tidemark::transfer

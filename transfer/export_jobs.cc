#include "transfer/export_jobs.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "transfer/export_job.h"

namespace tidemark::transfer {

using jobs::JobFailure;

ExportJobs::ExportJobs(jobs::JobRegistry& registry, storage::Engine& engine, s3emu::ObjectStore& objects,
                       s3emu::JobAccess& access, Clock& clock, Random& random, int workers)
    : engine_(engine),
      objects_(objects),
      access_(access),
      clock_(clock),
      random_(random),
      workers_(workers),
      kind_(registry, "export", {.resume = [this](const ExportRecord& record) { resume(record); }}) {}

Result<ExportRecord, jobs::StartError<ExportRefusal>> ExportJobs::start(ExportRequest request) {
  using StartError = jobs::StartError<ExportRefusal>;
  const std::lock_guard lock(start_mutex_);
  ExportRecord& record = request.record;
  if (auto earlier = kind_.find_repeated(record)) {
    if (earlier->fingerprint != record.fingerprint) return fail(StartError(ExportRefusal::kTokenConflict));
    return *std::move(earlier);
  }

  const storage::TableId table_id{record.table_id};
  auto snapshot =
      request.export_time ? engine_.snapshot_at(table_id, *request.export_time) : engine_.snapshot(table_id);
  if (!snapshot && snapshot.error().code == ErrorCode::kInvalidArgument) {
    return fail(StartError(ExportRefusal::kTimeUnavailable));
  }
  if (!snapshot && snapshot.error().code == ErrorCode::kNotFound) {
    return fail(StartError(ExportRefusal::kTableNotFound));
  }
  if (!snapshot) return fail(StartError(std::move(snapshot).error()));

  // An export of "now" began, by its own account, at the moment that it shows.
  record.export_time = request.export_time ? *request.export_time : (*snapshot)->time();
  record.start_time = request.export_time ? clock_.now().floor_millis() : record.export_time;
  kind_.name_job(&record);
  if (auto begun = kind_.begin(record, work(record, *std::move(snapshot))); !begun) {
    if (begun.error().code == ErrorCode::kConflict) return fail(StartError(ExportRefusal::kTooManyJobs));
    return fail(StartError(std::move(begun).error()));
  }
  return record;
}

ExportJobs::Kind::Work ExportJobs::work(const ExportRecord& record,
                                        std::unique_ptr<storage::TableSnapshot> snapshot) {
  const auto items = engine_.stats(storage::TableId{record.table_id}).item_count;
  const ExportJobContext context{
      .objects = objects_,
      .access = access_,
      .clock = clock_,
      .random = random_,
      .workers = workers_,
      .expected_items = static_cast<std::uint64_t>(std::max<std::int64_t>(items, 0))};
  return [record, snapshot = std::move(snapshot), context](const jobs::JobStop& stop,
                                                           jobs::JobProgress& progress) mutable {
    return run_export(std::move(record), std::move(snapshot), context, stop, progress);
  };
}

void ExportJobs::resume(const ExportRecord& record) {
  auto snapshot = engine_.snapshot_at(storage::TableId{record.table_id}, record.export_time);
  if (!snapshot) {
    kind_.end(record, fail(JobFailure{.code = "InternalServerError",
                                      .message = "The server was restarted during the export, and its point "
                                                 "in time is no longer available.",
                                      .cause = snapshot.error().message}));
    return;
  }
  if (auto launched = kind_.launch(record, work(record, *std::move(snapshot))); !launched) {
    kind_.end(record, fail(JobFailure::internal(launched.error())));
    return;
  }
  log::info("an export goes on after a restart", {{"job", record.arn}});
}

}  // namespace tidemark::transfer

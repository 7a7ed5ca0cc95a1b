#include "transfer/export_jobs.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "transfer/export_job.h"

namespace tidemark::transfer {

using jobs::JobFailure;

namespace {

constexpr std::string_view kHoldPrefix = "export/";

std::string hold_of(const std::string& arn) { return std::string(kHoldPrefix) + arn; }

}  // namespace

ExportJobs::ExportJobs(jobs::JobRegistry& registry, storage::Engine& engine, s3emu::ObjectStore& objects,
                       s3emu::JobAccess& access, Clock& clock, Random& random, int workers)
    : engine_(engine),
      objects_(objects),
      access_(access),
      clock_(clock),
      random_(random),
      workers_(workers),
      kind_(registry, "export",
            {.resume = [this](const ExportRecord& record) { resume(record); },
             .ended = [this](const ExportRecord& record) { release(record.arn); }}) {
  release_leftovers();
}

Result<ExportRecord, jobs::StartError<ExportRefusal>> ExportJobs::start(ExportRequest request) {
  using StartError = jobs::StartError<ExportRefusal>;
  const std::lock_guard lock(start_mutex_);
  ExportRecord& record = request.record;
  if (auto earlier = kind_.find_repeated(record)) {
    if (earlier->fingerprint != record.fingerprint) return fail(StartError(ExportRefusal::kTokenConflict));
    return *std::move(earlier);
  }

  auto snapshot = request.export_time ? pin_past(*request.export_time, &record) : pin_present(&record);
  if (!snapshot && snapshot.error().code == ErrorCode::kInvalidArgument) {
    return fail(StartError(ExportRefusal::kTimeUnavailable));
  }
  if (!snapshot && snapshot.error().code == ErrorCode::kNotFound) {
    return fail(StartError(ExportRefusal::kTableNotFound));
  }
  if (!snapshot) return fail(StartError(std::move(snapshot).error()));
  if (auto begun = kind_.begin(record, work(record, *std::move(snapshot))); !begun) {
    release(record.arn);
    if (begun.error().code == ErrorCode::kConflict) return fail(StartError(ExportRefusal::kTooManyJobs));
    return fail(StartError(std::move(begun).error()));
  }
  return record;
}

// An export of "now" began, by its own account, at the moment that it shows.
Result<std::unique_ptr<storage::TableSnapshot>> ExportJobs::pin_present(ExportRecord* record) {
  ASSIGN_OR_RETURN(auto snapshot, engine_.snapshot(storage::TableId{record->table_id}));
  record->export_time = snapshot->time();
  record->start_time = snapshot->time();
  kind_.name_job(record);
  RETURN_IF_ERROR(hold(*record));
  return snapshot;
}

Result<std::unique_ptr<storage::TableSnapshot>> ExportJobs::pin_past(Timestamp time, ExportRecord* record) {
  record->export_time = time;
  record->start_time = clock_.now().floor_millis();
  kind_.name_job(record);
  RETURN_IF_ERROR(hold(*record));
  auto snapshot = engine_.snapshot_at(storage::TableId{record->table_id}, time, storage::Reach::kHeld);
  if (!snapshot) release(record->arn);
  return snapshot;
}

Result<void> ExportJobs::hold(const ExportRecord& record) {
  const storage::TableId table{record.table_id};
  auto held = engine_.holds().hold({.who = hold_of(record.arn),
                                    .table = table,
                                    .history_from = record.export_time,
                                    .log_from = {},
                                    .log_seconds = {}});
  if (!held) return fail(std::move(held).error());
  return {};
}

void ExportJobs::release(const std::string& arn) {
  if (const auto released = engine_.holds().release(hold_of(arn)); !released) {
    log::warn("the history that an export needed stays until the next start",
              {{"job", arn}, {"error", released.error().message}});
  }
}

// What jobs held that ended, or never began, as the process did.
void ExportJobs::release_leftovers() {
  for (const storage::Hold& held : engine_.holds().list()) {
    if (!held.who.starts_with(kHoldPrefix)) continue;
    const std::string arn = held.who.substr(kHoldPrefix.size());
    const auto record = book().find(arn);
    if (!record || is_ended(record->status)) release(arn);
  }
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
  return [record = ExportRecord(record), snapshot = std::move(snapshot), context](
             const jobs::JobStop& stop, jobs::JobProgress& progress) mutable {
    return run_export(std::move(record), std::move(snapshot), context, stop, progress);
  };
}

void ExportJobs::resume(const ExportRecord& record) {
  auto snapshot =
      engine_.snapshot_at(storage::TableId{record.table_id}, record.export_time, storage::Reach::kHeld);
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

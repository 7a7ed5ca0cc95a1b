#include "transfer/export_jobs.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "transfer/bucket_lane.h"
#include "transfer/export_job.h"

namespace tidemark::transfer {

using jobs::JobFailure;

namespace {

constexpr char kExportKind[] = "export";

}  // namespace

ExportJobs::ExportJobs(jobs::JobRegistry& registry, storage::Engine& engine, Buckets& buckets, Clock& clock,
                       Random& random, CompileItemFilter compile_filter, int workers)
    : engine_(engine),
      buckets_(buckets),
      clock_(clock),
      random_(random),
      compile_filter_(std::move(compile_filter)),
      workers_(workers),
      holds_(engine.holds(), kExportKind),
      kind_(registry, kExportKind,
            {.resume = [this](const ExportRecord& record) { resume(record); },
             .ended = [this](const ExportRecord& record) { return holds_.release(record.arn); },
             .lane = [this](const ExportRecord& record) { return lane_of(buckets_, record.s3_bucket); }}) {
  holds_.release_leftovers(kind_);
}

Result<ExportRecord, jobs::StartError<ExportRefusal>> ExportJobs::start(ExportRequest request) {
  using StartError = jobs::StartError<ExportRefusal>;
  const std::lock_guard lock(start_mutex_);
  ExportRecord& record = request.record;
  ASSIGN_OR_RETURN(auto earlier, find_repeated(record));
  if (earlier) return *std::move(earlier);

  auto source = pin(request.export_time, &record);
  if (!source && source.error().code == ErrorCode::kInvalidArgument) {
    return fail(StartError(ExportRefusal::kTimeUnavailable));
  }
  if (!source && source.error().code == ErrorCode::kNotFound) {
    return fail(StartError(ExportRefusal::kTableNotFound));
  }
  if (!source) return fail(StartError(std::move(source).error()));
  if (auto begun = kind_.begin(record, work(record, *std::move(source))); !begun) {
    holds_.make_sure_released(kind_, record.arn);
    if (begun.error().code == ErrorCode::kConflict) return fail(StartError(ExportRefusal::kTooManyJobs));
    return fail(StartError(std::move(begun).error()));
  }
  return record;
}

Result<std::optional<ExportRecord>, jobs::StartError<ExportRefusal>> ExportJobs::find_repeated(
    const ExportRecord& request) const {
  auto earlier = kind_.find_repeated(request);
  if (earlier && earlier->fingerprint != request.fingerprint) {
    return fail(jobs::StartError<ExportRefusal>(ExportRefusal::kTokenConflict));
  }
  return earlier;
}

Result<std::unique_ptr<ItemFilter>> ExportJobs::filter_of(const ExportRecord& record) const {
  if (!record.filter) return nullptr;
  auto filter = compile_filter_(*record.filter);
  if (!filter) return fail(Error::corruption("the filter of the export: " + filter.error().message));
  return filter;
}

Result<std::unique_ptr<ExportSource>> ExportJobs::pin(const std::optional<Timestamp>& export_time,
                                                      ExportRecord* record) {
  ASSIGN_OR_RETURN(auto filter, filter_of(*record));
  if (!record->window && !export_time) return pin_present(record, std::move(filter));
  // The service names incremental exports by whole seconds.
  const Timestamp now = clock_.now();
  record->start_time = record->window ? now.floor_second() : now.floor_millis();
  record->export_time = export_time.value_or(Timestamp{});
  kind_.name_job(record);
  RETURN_IF_ERROR(hold(*record));
  auto source = pin_held(*record, std::move(filter));
  if (!source) holds_.make_sure_released(kind_, record->arn);
  return source;
}

// An export of "now" began, by its own account, at the moment that it shows.
Result<std::unique_ptr<ExportSource>> ExportJobs::pin_present(ExportRecord* record,
                                                              std::unique_ptr<ItemFilter> filter) {
  ASSIGN_OR_RETURN(auto snapshot, engine_.snapshot(storage::TableId{record->table_id}));
  record->export_time = snapshot->time();
  record->start_time = snapshot->time();
  kind_.name_job(record);
  RETURN_IF_ERROR(hold(*record));
  return full_export_source(*record, std::move(snapshot), std::move(filter));
}

Result<std::unique_ptr<ExportSource>> ExportJobs::pin_held(const ExportRecord& record,
                                                           std::unique_ptr<ItemFilter> filter) {
  const storage::TableId table{record.table_id};
  if (record.window) {
    ASSIGN_OR_RETURN(auto changes, engine_.changes(table, record.window->read_from, record.window->to,
                                                   storage::Reach::kHeld));
    return incremental_export_source(record, std::move(changes), std::move(filter));
  }
  ASSIGN_OR_RETURN(auto snapshot, engine_.snapshot_at(table, record.export_time, storage::Reach::kHeld));
  return full_export_source(record, std::move(snapshot), std::move(filter));
}

Result<void> ExportJobs::hold(const ExportRecord& record) {
  const storage::TableId table{record.table_id};
  auto held =
      holds_.hold(record.arn, {.who = {},
                               .table = table,
                               .history_from = record.window ? record.window->read_from : record.export_time,
                               .log_from = {},
                               .log_seconds = {},
                               .only_moment = !record.window});
  if (!held) return fail(std::move(held).error());
  return {};
}

ExportJobs::Kind::Work ExportJobs::work(const ExportRecord& record, std::unique_ptr<ExportSource> source) {
  // How many items have changed, nobody knows.
  const auto items = record.window ? 0 : engine_.stats(storage::TableId{record.table_id}).item_count;
  ExportJobContext context{.buckets = buckets_,
                           .clock = clock_,
                           .random = random_,
                           .workers = workers_,
                           .expected_items = static_cast<std::uint64_t>(std::max<std::int64_t>(items, 0)),
                           .may_end = [this, record] { return kind_.may_end(record); }};
  return
      [job = ExportJob(record, std::move(source), std::move(context))](
          const jobs::JobStop& stop, jobs::JobProgress& progress) mutable { return job.run(stop, progress); };
}

void ExportJobs::resume(const ExportRecord& record) {
  auto source = filter_of(record).and_then(
      [&](std::unique_ptr<ItemFilter> filter) { return pin_held(record, std::move(filter)); });
  if (!source) {
    kind_.end(record, fail(JobFailure{.code = "InternalServerError",
                                      .message = "The server was restarted during the export, and its point "
                                                 "in time is no longer available.",
                                      .cause = source.error().message}));
    return;
  }
  if (auto launched = kind_.launch(record, work(record, *std::move(source))); !launched) {
    kind_.end(record, fail(JobFailure::internal(launched.error())));
    return;
  }
  log::info("an export goes on after a restart", {{"job", record.arn}});
}

}  // namespace tidemark::transfer

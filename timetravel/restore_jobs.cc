#include "timetravel/restore_jobs.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "jobs/table_filling.h"
#include "timetravel/restore_job.h"

namespace tidemark::timetravel {
namespace {

using jobs::JobFailure;
using jobs::JobResult;

void complete(Timestamp now, RestoreRecord* record) {
  record->end_time = jobs::end_of(*record, now);
  record->status = jobs::JobStatus::kCompleted;
}

}  // namespace

RestoreJobs::RestoreJobs(jobs::JobRegistry& registry, storage::Engine& engine, Clock& clock, int workers)
    : engine_(engine),
      clock_(clock),
      workers_(workers),
      holds_(engine.holds(), kRestoreKind),
      kind_(registry, kRestoreKind,
            {.resume = [this](const RestoreRecord& record) { resume(record); },
             .settle = [this](RestoreRecord& record,
                              bool worked) { return jobs::settle_table(engine_, record, worked); },
             .ended = [this](const RestoreRecord& record) { return holds_.release(record.arn); }}) {
  holds_.release_leftovers(kind_);
}

Result<StartedRestore, jobs::StartError<RestoreRefusal>> RestoreJobs::start(RestoreRequest request) {
  using StartError = jobs::StartError<RestoreRefusal>;
  const std::lock_guard lock(start_mutex_);
  RestoreRecord& record = request.record;
  const auto running = book().unfinished();
  if (running.size() >= kRestoresMax) return fail(StartError(RestoreRefusal::kTooManyRestores));
  if (record.backup_arn && is_restoring(*record.backup_arn)) {
    return fail(StartError(RestoreRefusal::kBackupInUse));
  }

  record.table_name = request.schema.name;
  record.table_arn = request.schema.arn();
  record.start_time = clock_.now().floor_millis();
  kind_.name_job(&record);
  if (auto held = hold(request.moment, &record); !held) {
    if (held.error().code == ErrorCode::kNotFound) return fail(StartError(RestoreRefusal::kSourceNotFound));
    if (held.error().code == ErrorCode::kInvalidArgument) {
      return fail(StartError(RestoreRefusal::kTimeUnavailable));
    }
    return fail(StartError(std::move(held).error()));
  }
  auto table = engine_.table_states().begin_create(
      std::move(request.schema), storage::FilledBy{.kind = kRestoreKind, .key = record.arn});
  if (!table) {
    holds_.make_sure_released(kind_, record.arn);
    if (table.error().code == ErrorCode::kAlreadyExists) {
      return fail(StartError(RestoreRefusal::kTableExists));
    }
    return fail(StartError(std::move(table).error()));
  }
  record.table_id = static_cast<std::uint32_t>((*table)->id);
  record.table_uuid = (*table)->schema.uuid;
  if (auto begun = kind_.begin(record, work(record)); !begun) {
    kind_.make_sure([this, record] { return jobs::abandon_table(engine_, record); });
    holds_.make_sure_released(kind_, record.arn);
    if (begun.error().code == ErrorCode::kConflict) {
      return fail(StartError(RestoreRefusal::kTooManyRestores));
    }
    return fail(StartError(std::move(begun).error()));
  }
  return StartedRestore{record, *std::move(table)};
}

Result<void> RestoreJobs::hold(Timestamp moment, RestoreRecord* record) {
  ASSIGN_OR_RETURN(const storage::Hold held,
                   holds_.hold(record->arn, {.who = {},
                                             .table = storage::TableId{record->source_table_id},
                                             .history_from = moment,
                                             .log_from = {},
                                             .log_seconds = {},
                                             .only_moment = true}));
  record->moment = *held.history_from;
  return {};
}

bool RestoreJobs::is_restoring(std::string_view backup_arn) const {
  const auto running = book().unfinished();
  return std::ranges::any_of(running,
                             [backup_arn](const RestoreRecord& job) { return job.backup_arn == backup_arn; });
}

std::optional<RestoreRecord> RestoreJobs::restore_into(const storage::Table& table) const {
  if (!table.filled_by || table.filled_by->kind != kRestoreKind) return std::nullopt;
  return book().find(table.filled_by->key);
}

RestoreJobs::Kind::Work RestoreJobs::work(const RestoreRecord& record,
                                          std::optional<JobResult<RestoreRecord>> filled) {
  return [this, record, filled = std::move(filled)](const jobs::JobStop& stop,
                                                    jobs::JobProgress& progress) mutable {
    const bool has_waited = filled.has_value();
    if (!has_waited) filled = fill(record, stop, progress);
    if (has_waited && stop.requested()) filled = fail(stop.failure());
    if (*filled && !kind_.may_end(record)) return JobResult<RestoreRecord>(fail(JobFailure::postponed()));
    if (*filled) {
      complete(clock_.now(), &**filled);
      progress.enter("done");
    }
    return *std::move(filled);
  };
}

JobResult<RestoreRecord> RestoreJobs::fill(const RestoreRecord& record, const jobs::JobStop& stop,
                                           jobs::JobProgress& progress) {
  const RestoreJobContext context{.engine = engine_, .workers = workers_};
  const auto save_loaded = [this](const RestoreRecord& loaded) {
    return kind_.update(loaded.id, [&loaded](RestoreRecord& saved) -> Result<void> {
      saved.totals = loaded.totals;
      saved.loaded = true;
      return {};
    });
  };
  return run_restore(record, context, stop, progress, save_loaded);
}

void RestoreJobs::resume(const RestoreRecord& record) {
  const auto found = jobs::filling_of(engine_, record, record.loaded, record.totals.items);
  if (found == jobs::Filling::kFilled) {
    if (!kind_.may_end(record) && kind_.launch(record, work(record, JobResult<RestoreRecord>(record))))
      return;
    RestoreRecord loaded = record;
    complete(clock_.now(), &loaded);
    kind_.end(record, std::move(loaded));
    return;
  }
  if (found == jobs::Filling::kGone) {
    kind_.end(record, fail(JobFailure{.code = "InternalServerError",
                                      .message = "The server was restarted during the restore.",
                                      .cause = "the table is gone"}));
    return;
  }
  RestoreRecord fresh = record;
  fresh.loaded = false;
  fresh.totals = {};
  if (auto launched = kind_.launch(fresh, work(fresh)); !launched) {
    // Nobody fills the table any more: it must not become ACTIVE without its items.
    kind_.end(fresh, fail(JobFailure::internal(launched.error())));
    return;
  }
  log::info("a restore begins again after a restart", {{"job", record.arn}});
}

}  // namespace tidemark::timetravel

#include "timetravel/restore_jobs.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "timetravel/restore_job.h"

namespace tidemark::timetravel {
namespace {

using jobs::JobFailure;
using jobs::JobResult;

constexpr std::string_view kHoldPrefix = "restore/";

std::string hold_of(const std::string& arn) { return std::string(kHoldPrefix) + arn; }

storage::TableId table_of(const RestoreRecord& record) { return storage::TableId{record.table_id}; }

}  // namespace

RestoreJobs::RestoreJobs(jobs::JobRegistry& registry, storage::Engine& engine, Clock& clock, int workers)
    : engine_(engine),
      clock_(clock),
      workers_(workers),
      kind_(registry, kRestoreKind,
            {.resume = [this](const RestoreRecord& record) { resume(record); },
             .settle = [this](RestoreRecord& record, bool worked) { return settle(record, worked); },
             .ended = [this](const RestoreRecord& record) { return release(record.arn); }}) {
  release_leftovers();
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
    make_sure_released(record.arn);
    if (table.error().code == ErrorCode::kAlreadyExists) {
      return fail(StartError(RestoreRefusal::kTableExists));
    }
    return fail(StartError(std::move(table).error()));
  }
  record.table_id = static_cast<std::uint32_t>((*table)->id);
  record.table_uuid = (*table)->schema.uuid;
  if (auto begun = kind_.begin(record, work(record)); !begun) {
    kind_.make_sure([this, record] { return abandon_table(record); });
    make_sure_released(record.arn);
    if (begun.error().code == ErrorCode::kConflict) {
      return fail(StartError(RestoreRefusal::kTooManyRestores));
    }
    return fail(StartError(std::move(begun).error()));
  }
  return StartedRestore{record, *std::move(table)};
}

Result<void> RestoreJobs::hold(Timestamp moment, RestoreRecord* record) {
  ASSIGN_OR_RETURN(const storage::Hold held,
                   engine_.holds().hold({.who = hold_of(record->arn),
                                         .table = storage::TableId{record->source_table_id},
                                         .history_from = moment,
                                         .log_from = {},
                                         .log_seconds = {},
                                         .only_moment = true}));
  record->moment = *held.history_from;
  return {};
}

Result<void> RestoreJobs::release(const std::string& arn) { return engine_.holds().release(hold_of(arn)); }

void RestoreJobs::make_sure_released(const std::string& arn) {
  kind_.make_sure([this, arn] { return release(arn); });
}

// What jobs held that ended, or never began, as the process did.
void RestoreJobs::release_leftovers() {
  for (const storage::Hold& held : engine_.holds().list()) {
    if (!held.who.starts_with(kHoldPrefix)) continue;
    const std::string arn = held.who.substr(kHoldPrefix.size());
    const auto record = book().find(arn);
    if (!record || is_ended(record->status)) make_sure_released(arn);
  }
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

RestoreJobs::Kind::Work RestoreJobs::work(const RestoreRecord& record) {
  return [this, record](const jobs::JobStop& stop, jobs::JobProgress& progress) {
    return run(record, stop, progress);
  };
}

JobResult<RestoreRecord> RestoreJobs::run(const RestoreRecord& record, const jobs::JobStop& stop,
                                          jobs::JobProgress& progress) {
  const RestoreJobContext context{.engine = engine_, .clock = clock_, .workers = workers_};
  const auto save_loaded = [this](const RestoreRecord& loaded) {
    return kind_.update(loaded.id, [&loaded](RestoreRecord& saved) -> Result<void> {
      saved.totals = loaded.totals;
      saved.loaded = true;
      return {};
    });
  };
  return run_restore(record, context, stop, progress, save_loaded);
}

// A job is over only when its table is decided; otherwise it would stay CREATING for ever, with nobody to
// fill it.
Result<void> RestoreJobs::settle(const RestoreRecord& record, bool worked) {
  if (!worked) return abandon_table(record);
  const auto filled = engine_.table_states().filled(table_of(record));
  if (!filled && filled.error().code != ErrorCode::kNotFound) return fail(filled.error());
  return {};  // or deleted as soon as it could be seen
}

Result<void> RestoreJobs::abandon_table(const RestoreRecord& record) {
  auto abandoned = engine_.table_states().abandon(table_of(record));
  if (!abandoned && abandoned.error().code != ErrorCode::kNotFound) return abandoned;
  return {};
}

void RestoreJobs::resume(const RestoreRecord& record) {
  const auto table = engine_.catalog().find(table_of(record));
  // The data went in, only the end was not recorded: the items are there, or there were none.
  const bool is_loaded = record.loaded && table &&
                         (table->schema.status == model::TableStatus::kActive ||
                          engine_.stats(table->id).item_count > 0 || record.totals.items == 0);
  if (is_loaded) {
    RestoreRecord loaded = record;
    loaded.status = jobs::JobStatus::kCompleted;
    kind_.end(record, std::move(loaded));
    return;
  }
  if (!table) {
    // Nothing is left to be filled: it was loaded and deleted since, or is gone with what held it.
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

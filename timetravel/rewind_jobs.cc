#include "timetravel/rewind_jobs.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "timetravel/rewind_job.h"

namespace tidemark::timetravel {
namespace {

using jobs::JobFailure;

}  // namespace

RewindJobs::RewindJobs(jobs::JobRegistry& registry, storage::Engine& engine)
    : engine_(engine),
      registry_(registry),
      holds_(engine.holds(), kRewindKind),
      kind_(registry, kRewindKind,
            {.resume = [this](const RewindRecord& record) { resume(record); },
             .ended = [this](const RewindRecord& record) { return holds_.release(record.arn); }}) {
  holds_.release_leftovers(kind_);
}

Result<RewindRecord> RewindJobs::start(const RewindRequest& request) {
  const std::lock_guard lock(start_mutex_);
  const model::TableSchema& schema = request.table->schema;
  if (schema.status != model::TableStatus::kActive) {
    return fail(Error::conflict("the table is " + std::string(model::table_status_name(schema.status))));
  }
  const auto running = book().unfinished();
  const auto id = static_cast<std::uint32_t>(request.table->id);
  if (std::ranges::any_of(running, [id](const RewindRecord& job) { return job.table_id == id; })) {
    return fail(Error::conflict("the table is being taken back already"));
  }
  RewindRecord record;
  record.account_id = schema.account_id;
  record.region = schema.region;
  record.table_arn = schema.arn();
  record.table_uuid = schema.uuid;
  record.table_id = id;
  record.table_name = schema.name;
  record.start_time = registry_.clock().now().floor_millis();
  record.to = request.to;
  record.keys = request.keys;
  kind_.name_job(&record);
  auto begun = hold(&record).and_then([&] { return kind_.begin(record, work(record)); });
  if (begun) return record;
  holds_.make_sure_released(kind_, record.arn);
  return fail(std::move(begun).error());
}

// The hold moves the moment to one that can be read; what is there now ends the window.
Result<void> RewindJobs::hold(RewindRecord* record) {
  ASSIGN_OR_RETURN(const auto readable, engine_.snapshot_at(storage::TableId{record->table_id}, record->to,
                                                            storage::Reach::kHeld));
  ASSIGN_OR_RETURN(const storage::Hold held,
                   holds_.hold(record->arn, {.who = {},
                                             .table = storage::TableId{record->table_id},
                                             .history_from = readable->time(),
                                             .log_from = {},
                                             .log_seconds = {}}));
  record->to = *held.history_from;
  ASSIGN_OR_RETURN(const auto now, engine_.snapshot(storage::TableId{record->table_id}));
  record->until = now->time();
  return {};
}

RewindJobs::Kind::Work RewindJobs::work(const RewindRecord& record) {
  return [this, record](const jobs::JobStop& stop, jobs::JobProgress& progress) {
    return run(record, stop, progress);
  };
}

jobs::JobResult<RewindRecord> RewindJobs::run(const RewindRecord& record, const jobs::JobStop& stop,
                                              jobs::JobProgress& progress) {
  // A plan is made once. One that waited for space begins anew, and adds what it did beyond the time before:
  // its phase and its counts go on, its steps stay where they were.
  const bool is_planned = !progress.snapshot().parts.empty();
  if (is_planned) progress.enter("rewinding");
  jobs::JobProgress rest;
  auto done = run_rewind(record, engine_, registry_.clock(), stop, is_planned ? rest : progress);
  jobs::JobCounts counts = (is_planned ? rest : progress).counts();
  const std::uint64_t errors = counts.errors;
  if (is_planned) {
    // Items that today's indexes do not allow are met each time.
    counts.errors = 0;
    progress.add(0, counts, 0);
  }
  if (done) {
    done->totals = progress.counts();
    done->totals.errors = errors;
  }
  if (!done && done.error().kind == JobFailure::Kind::kPostponed) {
    if (!is_planned) log::warn("a rewind waits for space on the disk", {{"job", record.arn}});
    registry_.try_again([this, id = record.id] {
      if (engine_.room() != storage::Room::kEnough) return false;
      registry_.runner().release(id);
      return true;
    });
  }
  return done;
}

void RewindJobs::resume(const RewindRecord& record) {
  if (auto launched = kind_.launch(record, work(record)); !launched) {
    kind_.end(record, fail(JobFailure::internal(launched.error())));
    return;
  }
  log::info("a rewind goes on after a restart", {{"job", record.arn}});
}

}  // namespace tidemark::timetravel

#include "transfer/bulk_jobs.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "transfer/bulk_job.h"
#include "transfer/bulk_plan.h"
#include "transfer/bulk_progress.h"
#include "transfer/bulk_report.h"

namespace tidemark::transfer {

using jobs::JobFailure;

namespace {

std::set<std::string> ids_with_receipts(const storage::Receipts& receipts) {
  std::set<std::string> ids;
  for (const std::string& prefix : {plan_prefix(""), receipt_prefix("")}) {
    const auto kept = receipts.kept(prefix);
    if (!kept) {
      log::warn("the receipts of bulk operations cannot be read", {{"error", kept.error().message}});
      continue;
    }
    for (const auto& [rest, content] : *kept) ids.insert(rest.substr(0, rest.find('/')));
  }
  return ids;
}

}  // namespace

BulkJobs::BulkJobs(jobs::JobRegistry& registry, storage::Engine& engine, s3emu::ObjectStore& objects,
                   s3emu::JobAccess& access, FileSystem& files, Clock& clock, Random& random,
                   CompilePutCondition compile_condition, Options options)
    : registry_(registry),
      engine_(engine),
      objects_(objects),
      access_(access),
      files_(files),
      clock_(clock),
      random_(random),
      compile_condition_(std::move(compile_condition)),
      options_(std::move(options)),
      kind_(registry, "bulk-operation",
            {.resume =
                 [this](const BulkRecord& record) {
                   if (auto launched = kind_.launch(record, work(record)); !launched) {
                     kind_.end(record, fail(JobFailure::internal(launched.error())));
                     return;
                   }
                   log::info("a bulk operation goes on after a restart", {{"job", record.arn}});
                 },
             .settle = [this](BulkRecord& record, bool worked) { return settle(record, worked); },
             .ended = [this](const BulkRecord& record) { return clear(record); },
             .lane =
                 [](const BulkRecord& record) {
                   return record.max_write_request_units ? jobs::JobLane::kPaced : jobs::JobLane::kMachine;
                 }}) {
  // What operations left that ended as the process did.
  for (const std::string& id : ids_with_receipts(engine_.receipts())) {
    BulkRecord left;
    left.id = id;
    if (const auto record = book().find_id(id); record && !is_ended(record->status)) continue;
    kind_.make_sure([this, left] { return clear(left); });
  }
}

Result<BulkRecord, jobs::StartError<BulkRefusal>> BulkJobs::start(BulkRecord record) {
  using StartError = jobs::StartError<BulkRefusal>;
  const std::lock_guard lock(start_mutex_);
  if (auto earlier = kind_.find_repeated(record)) {
    if (earlier->fingerprint != record.fingerprint) return fail(StartError(BulkRefusal::kTokenConflict));
    return *std::move(earlier);
  }
  record.start_time = clock_.now().floor_millis();
  kind_.name_job(&record);
  if (auto begun = kind_.begin(record, work(record)); !begun) {
    if (begun.error().code == ErrorCode::kConflict) return fail(StartError(BulkRefusal::kTooManyJobs));
    return fail(StartError(std::move(begun).error()));
  }
  return record;
}

BulkJobs::Kind::Work BulkJobs::work(const BulkRecord& record) {
  return [this, record](const jobs::JobStop& stop, jobs::JobProgress& progress) {
    const BulkJobContext context{.engine = engine_,
                                 .objects = objects_,
                                 .access = access_,
                                 .files = files_,
                                 .clock = clock_,
                                 .random = random_,
                                 .compile_condition = compile_condition_,
                                 .report_directory = options_.report_directory,
                                 .workers = options_.workers};
    return run_bulk(record, context, stop, progress);
  };
}

BulkNumbers BulkJobs::numbers(const BulkRecord& record) const {
  if (is_ended(record.status)) {
    BulkNumbers numbers{record.totals, record.processed_input_bytes, std::nullopt};
    if (record.total_input_bytes > 0) numbers.total_input_bytes = record.total_input_bytes;
    return numbers;
  }
  const auto progress = registry_.board().find(record.id);
  if (!progress) return {};
  const auto snapshot = progress->snapshot();
  BulkNumbers numbers{snapshot.counts, snapshot.steps_done, std::nullopt};
  if (snapshot.steps > 0) numbers.total_input_bytes = snapshot.steps;
  return numbers;
}

Result<void> BulkJobs::settle(BulkRecord& record, bool worked) {
  if (worked) return {};
  ASSIGN_OR_RETURN(const auto objects, read_bulk_progress(engine_.receipts(), record.id));
  ASSIGN_OR_RETURN(const auto sources, read_bulk_plan(engine_.receipts(), record.id));
  record.totals = {};
  record.processed_input_bytes = 0;
  record.total_input_bytes = 0;
  for (const ListedObject& source : sources.value_or(std::vector<ListedObject>())) {
    record.total_input_bytes += source.size;
  }
  for (const auto& [key, object] : objects) {
    record.processed_input_bytes += object.read_bytes;
    record.totals += {.items = object.records,
                      .bytes = object.written_bytes,
                      .files = object.is_done ? 1U : 0U,
                      .errors = object.errors};
  }
  return {};
}

// Again and again after an error: what is gone is gone.
Result<void> BulkJobs::clear(const BulkRecord& record) {
  RETURN_IF_ERROR(BulkReport(files_, options_.report_directory, record.id).remove());
  RETURN_IF_ERROR(engine_.receipts().forget_kept(plan_prefix(record.id)));
  return engine_.receipts().forget_kept(receipt_prefix(record.id));
}

}  // namespace tidemark::transfer

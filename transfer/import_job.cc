#include "transfer/import_job.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/log.h"
#include "jobs/parallel.h"
#include "storage/bulk_loader.h"
#include "transfer/failure.h"
#include "transfer/import_error_log.h"
#include "transfer/import_object.h"
#include "transfer/import_plan.h"
#include "transfer/source_objects.h"

namespace tidemark::transfer {
namespace {

using jobs::JobFailure;
using jobs::JobProgress;
using jobs::JobResult;
using jobs::JobStop;

// What one thread has read is made safe, at the end of an object, when it is so much or so old. It is what a
// crash makes the next process read again.
constexpr std::uint64_t kCheckpointBytes = 16 << 20;
constexpr std::chrono::milliseconds kCheckpointTime{500};  // real time

s3emu::JobCaller caller_of(const ImportRecord& record) {
  return {.account_id = record.account_id, .bucket_owner = record.s3_bucket_owner};
}

// An import as far as it has come.
struct ImportLoad {
  std::unique_ptr<storage::BulkLoader> loader;
  std::vector<ListedObject> sources;
  std::vector<DoneObject> done;  // by an earlier process
};

// Nothing when what was kept cannot be read.
std::optional<ImportLoad> parse_resumed(storage::ResumedLoad resumed) {
  auto sources = parse_plan(resumed.plan);
  if (!sources) return std::nullopt;
  ImportLoad load{.loader = std::move(resumed.loader), .sources = *std::move(sources), .done = {}};
  for (const std::string& note : resumed.notes) {
    const auto done = parse_note(note);
    if (!done) return std::nullopt;
    for (const DoneObject& object : *done) {
      if (object.position >= load.sources.size()) return std::nullopt;
      load.done.push_back(object);
    }
  }
  return load;
}

// Goes on with what an earlier process left, or begins.
JobResult<ImportLoad> take_up(const ImportRecord& record, Bucket& bucket, const ImportJobContext& context,
                              const JobStop& stop, JobProgress& progress) {
  const storage::TableId table{record.table_id};
  storage::BulkLoadOptions options{.merge_threads = context.workers};
  auto resumed = context.engine.resume_load(table, options);
  if (!resumed) return fail(JobFailure::internal(resumed.error()));
  if (*resumed) {
    if (auto load = parse_resumed(**std::move(resumed))) {
      log::info("an import goes on", {{"job", record.arn},
                                      {"objects", std::to_string(load->sources.size())},
                                      {"done", std::to_string(load->done.size())}});
      return *std::move(load);
    }
    log::warn("what was kept of an import cannot be read, it begins again", {{"job", record.arn}});
  }
  progress.enter("listing");
  ImportLoad load;
  ASSIGN_OR_RETURN(load.sources,
                   list_source(bucket, record.s3_key_prefix.value_or(""), "An import", context.random, stop));
  options.plan = plan_text(load.sources);
  auto loader = context.engine.bulk_loader(table, options);
  if (!loader) return fail(JobFailure::internal(loader.error()));
  load.loader = *std::move(loader);
  return load;
}

// What one thread has done, made safe from time to time.
class ThreadProgress {
 public:
  ThreadProgress(storage::BulkLoader::Feeder& feeder, ImportErrorLog& error_log)
      : feeder_(feeder), error_log_(error_log) {}

  Result<void> add(const DoneObject& object) {
    unsaved_.push_back(object);
    has_errors_ = has_errors_ || object.counts.errors > 0;
    const auto now = std::chrono::steady_clock::now();
    if (feeder_.unsaved_bytes() < kCheckpointBytes && now - saved_at_ < kCheckpointTime) return {};
    // The errors of these objects first: what the next process finds of others it removes.
    if (std::exchange(has_errors_, false)) error_log_.sync();
    RETURN_IF_ERROR(feeder_.checkpoint(note_text(std::exchange(unsaved_, {}))));
    saved_at_ = std::chrono::steady_clock::now();
    return {};
  }

 private:
  storage::BulkLoader::Feeder& feeder_;
  ImportErrorLog& error_log_;
  std::vector<DoneObject> unsaved_;
  bool has_errors_ = false;
  std::chrono::steady_clock::time_point saved_at_ = std::chrono::steady_clock::now();
};

// Reads all objects that are not done. A thread takes the next one when it is done with one.
class SourceReader {
 public:
  SourceReader(const ImportRecord& record, Bucket& bucket, const ImportJobContext& context,
               const storage::Table& table, const ImportLoad& load, JobProgress& progress,
               ImportErrorLog& error_log)
      : record_(record),
        bucket_(bucket),
        context_(context),
        table_(table),
        load_(load),
        progress_(progress),
        error_log_(error_log) {
    std::vector<bool> is_done(load.sources.size());
    for (const DoneObject& object : load.done) {
      is_done[object.position] = true;
      progress_.begin_part(object.position);
      progress_.add(object.position, object.counts, load.sources[object.position].size);
      progress_.end_part(object.position);
    }
    for (std::size_t at = 0; at < is_done.size(); ++at) {
      if (!is_done[at]) to_read_.push_back(at);
    }
  }

  JobResult<void> run(const JobStop& stop) {
    const auto workers = static_cast<std::size_t>(std::max(1, context_.workers));
    const std::size_t threads = std::min(workers, std::max<std::size_t>(to_read_.size(), 1));
    const auto done = jobs::run_parallel(threads, context_.workers, stop.token(),
                                         [&](std::size_t) { return read_objects(stop); });
    if (!done && stop.requested()) return fail(stop.failure());
    if (refusal_) return fail(*std::move(refusal_));
    if (!done) return fail(JobFailure::internal(done.error()));
    if (const auto code = progress_.failure_after_files()) return fail(told_failure(*code, context_.random));
    return {};
  }

 private:
  Result<void> read_objects(const JobStop& stop) {
    const auto feeder = load_.loader->feeder();
    ThreadProgress done(*feeder, error_log_);
    for (std::size_t at = next_.fetch_add(1); at < to_read_.size(); at = next_.fetch_add(1)) {
      const std::size_t position = to_read_[at];
      progress_.begin_part(position);
      ASSIGN_OR_RETURN(const jobs::JobCounts counts, read_object(position, *feeder, stop));
      progress_.end_part(position);
      RETURN_IF_ERROR(done.add({.position = position, .counts = counts}));
    }
    return feeder->flush();
  }

  Result<jobs::JobCounts> read_object(std::size_t position, storage::BulkLoader::Feeder& feeder,
                                      const JobStop& stop) {
    if (const auto code = progress_.failure_before_file()) {
      return refuse(told_failure(*code, context_.random));
    }
    const ListedObject& source = load_.sources[position];
    ObjectImport import(record_, table_, feeder, progress_, error_log_, source.key, position);
    const auto object = bucket_.open(source.key);
    if (!object) return refuse_object(import, source, object.error());
    const auto done = import.run((*object)->data(), (*object)->size(), stop);
    if (done) return import.counts();
    const auto refusal = (*object)->refusal();
    return refusal ? refuse_object(import, source, *refusal) : fail(done.error());
  }

  // An object that was deleted or replaced while the import runs is a failed item, as with the service. What
  // else a bucket refuses fails all.
  Result<jobs::JobCounts> refuse_object(ObjectImport& import, const ListedObject& source,
                                        const s3emu::S3Error& error) {
    const bool has_changed = error.id == s3emu::S3Code::kNoSuchKey ||
                             error.id == s3emu::S3Code::kNoSuchBucket ||
                             error.id == s3emu::S3Code::kPreconditionFailed;
    if (!has_changed) return refuse(failure_of(error, context_.random));
    import.refuse_rest(error.message, source.size);
    return import.counts();
  }

  // The failure of the whole import.
  Result<jobs::JobCounts> refuse(JobFailure refusal) {
    const std::lock_guard lock(mutex_);
    if (!refusal_) refusal_ = std::move(refusal);
    return fail(Error::unavailable("an object must not be read"));
  }

  const ImportRecord& record_;
  Bucket& bucket_;
  const ImportJobContext& context_;
  const storage::Table& table_;
  const ImportLoad& load_;
  JobProgress& progress_;
  ImportErrorLog& error_log_;
  std::vector<std::size_t> to_read_;  // positions
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::optional<JobFailure> refusal_;  // guarded by mutex_; the first one
};

}  // namespace

JobResult<ImportRecord> run_import(ImportRecord record, const ImportJobContext& context, const JobStop& stop,
                                   JobProgress& progress, const SaveLoaded& save_loaded) {
  if (stop.requested()) return fail(stop.failure());
  const auto table = context.engine.catalog().find(storage::TableId{record.table_id});
  if (!table) {
    return fail(JobFailure{.code = "TableNotFound", .message = "The table was deleted during the import."});
  }
  const auto bucket = context.buckets.bucket(record.s3_bucket, caller_of(record), stop.token());
  ASSIGN_OR_RETURN(const ImportLoad load, take_up(record, *bucket, context, stop, progress));
  plan_objects(load.sources, progress);

  std::set<std::string> done_keys;
  for (const DoneObject& object : load.done) done_keys.insert(load.sources[object.position].key);
  ImportErrorLog error_log(context.files, context.clock, context.error_log_directory, record.arn, record.id,
                           done_keys);
  progress.enter("reading");
  auto read = SourceReader(record, *bucket, context, *table, load, progress, error_log).run(stop);
  if (!read) {
    if (read.error().kind == JobFailure::Kind::kInterrupted) load.loader->suspend();
    return fail(std::move(read).error());
  }
  record.totals = progress.counts();
  record.error_log = error_log.path();
  record.loaded = true;
  if (auto saved = save_loaded(record); !saved) return fail(JobFailure::internal(saved.error()));
  progress.enter("loading");
  if (auto loaded = load.loader->finish(); !loaded) return fail(JobFailure::internal(loaded.error()));
  set_outcome(context.clock.now(), &record);
  progress.enter("done");
  return record;
}

void set_outcome(Timestamp now, ImportRecord* record) {
  record->end_time = jobs::end_of(*record, now);
  record->status = jobs::JobStatus::kCompleted;
  if (record->totals.errors == 0) return;
  record->status = jobs::JobStatus::kFailed;
  record->failure_code = "ItemValidationError";
  record->failure_message =
      "Some of the items failed validation checks and were not imported. Please check CloudWatch error logs "
      "for more details.";
}

}  // namespace tidemark::transfer

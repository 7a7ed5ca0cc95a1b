#include "transfer/import_job.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "jobs/parallel.h"
#include "model/item_checks.h"
#include "model/words/items.h"
#include "transfer/failure.h"
#include "transfer/format/record_stream.h"
#include "transfer/import_error_log.h"

namespace tidemark::transfer {
namespace {

using jobs::JobCounts;
using jobs::JobFailure;
using jobs::JobProgress;
using jobs::JobResult;
using jobs::JobStop;

constexpr std::size_t kReadBlockBytes = 1 << 20;
// When a key comes twice the later item of the later object wins: the object's position stands in the high
// bits.
constexpr int kOrderBitsPerObject = 40;

std::unique_ptr<format::RecordReader> reader_of(const ImportRecord& record,
                                                const model::TableSchema& schema) {
  if (record.input_format == "ION") return format::ion_reader();
  if (record.input_format != "CSV") return format::dynamodb_json_reader();
  format::CsvOptions options;
  const CsvSettings csv = record.csv.value_or(CsvSettings{});
  if (csv.delimiter && !csv.delimiter->empty()) options.delimiter = csv.delimiter->front();
  options.header = csv.header_list;
  return format::csv_reader(options, schema.attribute_definitions);
}

// Reads one object from its first byte to its last, or to where it cannot be read any more.
class ObjectImport {
 public:
  ObjectImport(const ImportRecord& record, const storage::Table& table, storage::BulkLoader::Feeder& feeder,
               JobProgress& progress, ImportErrorLog& error_log, const std::string& key,
               std::uint64_t position)
      : record_(record),
        table_(table),
        feeder_(feeder),
        progress_(progress),
        error_log_(error_log),
        key_(key),
        position_(position),
        next_order_(position << kOrderBitsPerObject),
        stream_(record.compression, reader_of(record, table.schema)) {}

  Result<void> run(const File& data, std::uint64_t size, const JobStop& stop) {
    std::string block(kReadBlockBytes, '\0');
    std::uint64_t offset = 0;
    while (offset < size && !abandoned_) {
      if (stop.requested()) return fail(Error::unavailable("stopped"));
      ASSIGN_OR_RETURN(const std::size_t got, data.read_at(offset, block.data(), block.size()));
      if (got == 0) return fail(Error::io("object ends early: " + key_));
      offset += got;
      stream_.feed(std::string_view(block).substr(0, got));
      RETURN_IF_ERROR(take_records());
      report_batch(got);
    }
    if (!abandoned_) {
      stream_.end();
      RETURN_IF_ERROR(take_records());
    }
    // The rest of an object that was abandoned is done with, too.
    ++batch_.files;
    report_batch(size - offset);
    return {};
  }

 private:
  Result<void> take_records() {
    while (true) {
      std::string message;
      switch (stream_.next(&item_, &message)) {
        case format::RecordReader::Outcome::kNeedMore:
          return {};
        case format::RecordReader::Outcome::kAbandon:
          refuse(message);
          abandoned_ = true;
          return {};
        case format::RecordReader::Outcome::kBadItem:
          refuse(message);
          break;
        case format::RecordReader::Outcome::kItem:
          RETURN_IF_ERROR(take_item());
          break;
      }
    }
  }

  Result<void> take_item() {
    auto key = model::check_item(table_.schema, item_);
    if (!key) {
      refuse(model::words::item_message(key.error()));
      return {};
    }
    RETURN_IF_ERROR(feeder_.add(*key, item_, next_order_++));
    ++batch_.items;
    ++index_;
    return {};
  }

  void refuse(const std::string& message) {
    error_log_.add(record_.s3_bucket, key_, index_++, message);
    ++batch_.items;
    ++batch_.errors;
  }

  void report_batch(std::uint64_t stored_bytes) {
    batch_.bytes = stream_.plain_bytes() - std::exchange(plain_bytes_reported_, stream_.plain_bytes());
    progress_.add(position_, batch_, stored_bytes);
    batch_ = {};
  }

  const ImportRecord& record_;
  const storage::Table& table_;
  storage::BulkLoader::Feeder& feeder_;
  JobProgress& progress_;
  ImportErrorLog& error_log_;
  const std::string& key_;
  const std::uint64_t position_;  // of the object among all

  std::uint64_t index_ = 0;  // of the record within the object
  std::uint64_t next_order_;
  bool abandoned_ = false;
  format::RecordStream stream_;
  model::Item item_;
  JobCounts batch_;  // done since progress_ was told
  std::uint64_t plain_bytes_reported_ = 0;
};

s3emu::JobCaller caller_of(const ImportRecord& record) {
  return {.account_id = record.account_id, .bucket_owner = record.s3_bucket_owner};
}

JobResult<std::vector<ListedObject>> list_source(const ImportRecord& record, Bucket& bucket,
                                                 const ImportJobContext& context, const JobStop& stop) {
  std::vector<ListedObject> sources;
  std::string from;
  while (true) {
    if (stop.requested()) return fail(stop.failure());
    auto page = bucket.list(record.s3_key_prefix.value_or(""), from);
    if (!page && stop.requested()) return fail(stop.failure());
    if (!page) return fail(failure_of(page.error(), context.random));
    std::move(page->objects.begin(), page->objects.end(), std::back_inserter(sources));
    if (sources.size() > kImportObjectsMax) {
      return fail(JobFailure{.code = "TooManyObjects",
                             .message = "An import reads at most " + std::to_string(kImportObjectsMax) +
                                        " objects; more match the prefix."});
    }
    if (page->next.empty()) return sources;
    from = std::move(page->next);
  }
}

// Reads all objects. A thread takes the next one when it is done with one.
class SourceReader {
 public:
  SourceReader(const ImportRecord& record, Bucket& bucket, const ImportJobContext& context,
               const storage::Table& table, const std::vector<ListedObject>& sources, JobProgress& progress,
               ImportErrorLog& error_log)
      : record_(record),
        bucket_(bucket),
        context_(context),
        table_(table),
        sources_(sources),
        progress_(progress),
        error_log_(error_log) {}

  JobResult<void> run(storage::BulkLoader& loader, const JobStop& stop) {
    const auto threads = static_cast<std::size_t>(std::max(1, context_.workers));
    const auto done = jobs::run_parallel(std::min(threads, std::max<std::size_t>(sources_.size(), 1)),
                                         context_.workers, stop.token(), [&](std::size_t) -> Result<void> {
                                           const auto feeder = loader.feeder();
                                           for (std::size_t at = next_.fetch_add(1); at < sources_.size();
                                                at = next_.fetch_add(1)) {
                                             progress_.begin_part(at);
                                             RETURN_IF_ERROR(read_object(at, *feeder, stop));
                                             progress_.end_part(at);
                                           }
                                           return feeder->flush();
                                         });
    if (!done && stop.requested()) return fail(stop.failure());
    if (refusal_) return fail(*std::move(refusal_));
    if (!done) return fail(JobFailure::internal(done.error()));
    if (const auto code = progress_.failure_after_files()) return fail(told_failure(*code, context_.random));
    return {};
  }

 private:
  Result<void> read_object(std::size_t position, storage::BulkLoader::Feeder& feeder, const JobStop& stop) {
    if (const auto code = progress_.failure_before_file()) {
      return refuse(told_failure(*code, context_.random));
    }
    const ListedObject& source = sources_[position];
    const auto object = bucket_.open(source.key);
    if (!object) return refuse_object(position, object.error());
    ObjectImport import(record_, table_, feeder, progress_, error_log_, source.key, position);
    auto done = import.run((*object)->data(), (*object)->size(), stop);
    if (done) return {};
    const auto refusal = (*object)->refusal();
    return refusal ? refuse_object(position, *refusal) : done;
  }

  // An object that was deleted or replaced while the import runs is a failed item, as with the service. What
  // else a bucket refuses fails all.
  Result<void> refuse_object(std::size_t position, const s3emu::S3Error& error) {
    const bool has_changed = error.id == s3emu::S3Code::kNoSuchKey ||
                             error.id == s3emu::S3Code::kNoSuchBucket ||
                             error.id == s3emu::S3Code::kPreconditionFailed;
    if (!has_changed) return refuse(failure_of(error, context_.random));
    const ListedObject& source = sources_[position];
    error_log_.add(record_.s3_bucket, source.key, 0, error.message);
    progress_.add(position, {.items = 1, .errors = 1}, source.size);
    return {};
  }

  // The failure of the whole import.
  Result<void> refuse(JobFailure refusal) {
    const std::lock_guard lock(mutex_);
    if (!refusal_) refusal_ = std::move(refusal);
    return fail(Error::unavailable("an object must not be read"));
  }

  const ImportRecord& record_;
  Bucket& bucket_;
  const ImportJobContext& context_;
  const storage::Table& table_;
  const std::vector<ListedObject>& sources_;
  JobProgress& progress_;
  ImportErrorLog& error_log_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::optional<JobFailure> refusal_;  // guarded by mutex_; the first one
};

void plan_objects(const std::vector<ListedObject>& sources, JobProgress& progress) {
  std::vector<jobs::PlannedPart> parts;
  parts.reserve(sources.size());
  for (const auto& source : sources) parts.push_back({source.key, source.size});
  progress.plan(std::move(parts), jobs::Measure::kBytes);
}

}  // namespace

JobResult<ImportRecord> run_import(ImportRecord record, const ImportJobContext& context, const JobStop& stop,
                                   JobProgress& progress, const SaveLoaded& save_loaded) {
  if (stop.requested()) return fail(stop.failure());
  const storage::TableId table_id{record.table_id};
  const auto table = context.engine.catalog().find(table_id);
  if (!table) {
    return fail(JobFailure{.code = "TableNotFound", .message = "The table was deleted during the import."});
  }
  progress.enter("listing");
  const auto bucket = context.buckets.bucket(record.s3_bucket, caller_of(record), stop.token());
  ASSIGN_OR_RETURN(const auto sources, list_source(record, *bucket, context, stop));
  plan_objects(sources, progress);

  ImportErrorLog error_log(context.files, context.clock, context.error_log_directory, record.arn, record.id);
  auto loader = context.engine.bulk_loader(table_id, {.merge_threads = context.workers});
  if (!loader) return fail(JobFailure::internal(loader.error()));
  progress.enter("reading");
  RETURN_IF_ERROR(
      SourceReader(record, *bucket, context, *table, sources, progress, error_log).run(**loader, stop));
  record.totals = progress.counts();
  record.error_log = error_log.path();
  record.loaded = true;
  if (auto saved = save_loaded(record); !saved) return fail(JobFailure::internal(saved.error()));
  progress.enter("loading");
  if (auto loaded = (*loader)->finish(); !loaded) return fail(JobFailure::internal(loaded.error()));
  set_outcome(context.clock.now(), &record);
  progress.enter("done");
  return record;
}

void set_outcome(Timestamp now, ImportRecord* record) {
  record->end_time = std::max(now, record->start_time);
  record->status = jobs::JobStatus::kCompleted;
  if (record->totals.errors == 0) return;
  record->status = jobs::JobStatus::kFailed;
  record->failure_code = "ItemValidationError";
  record->failure_message =
      "Some of the items failed validation checks and were not imported. Please check CloudWatch error logs "
      "for more details.";
}

}  // namespace tidemark::transfer

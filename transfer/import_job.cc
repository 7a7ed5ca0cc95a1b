#include "transfer/import_job.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/gzip.h"
#include "transfer/export_job.h"
#include "transfer/format/record_reader.h"
#include "transfer/import_error_log.h"
#include "transfer/item_check.h"
#include "transfer/job_runner.h"

namespace tidemark::transfer {
namespace {

constexpr std::size_t kReadBlockBytes = 1 << 20;
// When a key comes twice the later item of the later object wins: the object's position stands in the high
// bits.
constexpr int kOrderBitsPerObject = 40;

struct Counters {
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> items = 0;
  std::atomic<std::uint64_t> imported = 0;
  std::atomic<std::uint64_t> errors = 0;
};

// Reads one object from its first byte to its last, or to where it cannot be read any more.
class ObjectImport {
 public:
  ObjectImport(const ImportRecord& record, const storage::Table& table, storage::BulkLoader::Feeder& feeder,
               Counters& counters, ImportErrorLog& error_log)
      : record_(record), table_(table), feeder_(feeder), counters_(counters), error_log_(error_log) {}

  Result<void> run(const std::string& key, const s3emu::OpenObject& object, std::uint64_t position,
                   const std::stop_token& stop) {
    key_ = &key;
    next_order_ = position << kOrderBitsPerObject;
    reader_ = format::dynamodb_json_reader();
    std::string block(kReadBlockBytes, '\0');
    std::uint64_t offset = 0;
    while (offset < object.details.info.size && !abandoned_) {
      if (stop.stop_requested()) return fail(Error::unavailable("stopped"));
      ASSIGN_OR_RETURN(const std::size_t got, object.data->read_at(offset, block.data(), block.size()));
      if (got == 0) return fail(Error::io("object ends early: " + key));
      offset += got;
      RETURN_IF_ERROR(take_bytes(std::string_view(block).substr(0, got)));
    }
    if (abandoned_) return {};
    if (record_.compression == InputCompression::kGzip && offset > 0) {
      if (auto complete = gzip_.finish(); !complete) {
        refuse("The data is not in GZIP format");
        return {};
      }
    }
    reader_->end();
    return take_records();
  }

 private:
  Result<void> take_bytes(std::string_view bytes) {
    if (record_.compression == InputCompression::kNone) {
      counters_.bytes += bytes.size();
      reader_->feed(bytes);
      return take_records();
    }
    // The decompressor gives a bounded piece at a time: feed it the input once, then drain it.
    for (std::string_view input = bytes;; input = {}) {
      plain_.clear();
      const auto read = gzip_.read(input, &plain_, kReadBlockBytes);
      counters_.bytes += plain_.size();
      reader_->feed(plain_);
      RETURN_IF_ERROR(take_records());
      if (abandoned_) return {};
      if (!read) {
        refuse("The data is not in GZIP format");
        abandoned_ = true;
        return {};
      }
      if (plain_.empty()) return {};
    }
  }

  Result<void> take_records() {
    while (true) {
      std::string message;
      switch (reader_->next(&item_, &message)) {
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
    auto key = check_item(table_.schema, item_);
    if (!key) {
      refuse(key.error());
      return {};
    }
    RETURN_IF_ERROR(feeder_.add(*key, item_, next_order_++));
    ++counters_.items;
    ++counters_.imported;
    ++index_;
    return {};
  }

  void refuse(const std::string& message) {
    error_log_.add(record_.s3_bucket, *key_, index_++, message);
    ++counters_.items;
    ++counters_.errors;
  }

  const ImportRecord& record_;
  const storage::Table& table_;
  storage::BulkLoader::Feeder& feeder_;
  Counters& counters_;
  ImportErrorLog& error_log_;

  const std::string* key_ = nullptr;
  std::uint64_t index_ = 0;  // of the record within the object
  std::uint64_t next_order_ = 0;
  bool abandoned_ = false;
  std::unique_ptr<format::RecordReader> reader_;
  GzipReader gzip_;
  std::string plain_;
  model::Item item_;
};

s3emu::JobCaller caller_of(const ImportRecord& record) {
  return {.account_id = record.account_id, .bucket_owner = record.s3_bucket_owner};
}

JobResult<std::vector<std::string>> list_source(const ImportRecord& record, const ImportJobContext& context) {
  std::vector<std::string> keys;
  s3emu::ListRequest request;
  request.prefix = record.s3_key_prefix.value_or("");
  if (auto allowed = context.access.may_list(caller_of(record), record.s3_bucket, request.prefix); !allowed) {
    return fail(failure_of(allowed.error(), context.random));
  }
  while (true) {
    const auto page = context.objects.list_objects(record.s3_bucket, request);
    if (!page) return fail(failure_of(page.error(), context.random));
    for (const auto& object : page->objects) keys.push_back(object.key);
    if (keys.size() > kImportObjectsMax) {
      return fail(JobFailure{"TooManyObjects", "An import reads at most " +
                                                   std::to_string(kImportObjectsMax) +
                                                   " objects; more match the prefix."});
    }
    if (!page->truncated) return keys;
    request.start_after = page->next;
  }
}

JobResult<void> read_source(const ImportRecord& record, const ImportJobContext& context,
                            const storage::Table& table, const std::vector<std::string>& keys,
                            storage::BulkLoader& loader, Counters& counters, const std::stop_token& stop) {
  ImportErrorLog error_log(context.files, context.error_log_directory, record.arn, record.id);
  // One feeder a thread: a thread takes the next object when it is done with one.
  const auto threads = static_cast<std::size_t>(std::max(1, context.workers));
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::optional<JobFailure> refusal;  // guarded by mutex; the first one
  const auto read_objects = [&](std::size_t) -> Result<void> {
    const auto feeder = loader.feeder();
    for (std::size_t position = next.fetch_add(1); position < keys.size(); position = next.fetch_add(1)) {
      const auto allowed = context.access.may_read(caller_of(record), record.s3_bucket, keys[position]);
      if (!allowed && allowed.error().id == s3emu::S3Code::kAccessDenied) {
        const std::lock_guard lock(mutex);
        if (!refusal) refusal = failure_of(allowed.error(), context.random);
        return fail(Error::unavailable("an object must not be read"));
      }
      const auto object = context.objects.open_object(record.s3_bucket, keys[position]);
      if (!object) {
        // Deleted while the import runs: the service calls that a failed item, too.
        error_log.add(record.s3_bucket, keys[position], 0, object.error().message);
        ++counters.items;
        ++counters.errors;
        continue;
      }
      RETURN_IF_ERROR(ObjectImport(record, table, *feeder, counters, error_log)
                          .run(keys[position], *object, position, stop));
    }
    return feeder->flush();
  };
  const auto done = run_parallel(std::min(threads, std::max<std::size_t>(keys.size(), 1)), context.workers,
                                 stop, read_objects);
  if (refusal) return fail(*std::move(refusal));
  if (stop.stop_requested()) return fail(JobFailure{kInterruptedCode, "The server is shutting down."});
  if (!done) return fail(failure_of(done.error()));
  return {};
}

}  // namespace

JobResult<ImportRecord> run_import(ImportRecord record, const ImportJobContext& context,
                                   const std::stop_token& stop,
                                   const std::function<Result<void>(const ImportRecord&)>& save) {
  const storage::TableId table_id{record.table_id};
  const auto table = context.engine.catalog().find(table_id);
  if (!table) return fail(JobFailure{"TableNotFound", "The table was deleted during the import."});

  ASSIGN_OR_RETURN(const auto keys, list_source(record, context));
  Counters counters;
  {
    auto loader = context.engine.bulk_loader(table_id, {.merge_threads = context.workers});
    if (!loader) return fail(failure_of(loader.error()));
    RETURN_IF_ERROR(read_source(record, context, *table, keys, **loader, counters, stop));
    record.processed_bytes = counters.bytes;
    record.processed_items = counters.items;
    record.imported_items = counters.imported;
    record.errors = counters.errors;
    record.loaded = true;
    if (auto saved = save(record); !saved) return fail(failure_of(saved.error()));
    if (auto loaded = (*loader)->finish(); !loaded) return fail(failure_of(loaded.error()));
  }
  record.end_time = std::max(context.clock.now(), record.start_time);
  record.status = JobStatus::kCompleted;
  if (record.errors > 0) set_item_validation_failure(record);
  return record;
}

}  // namespace tidemark::transfer

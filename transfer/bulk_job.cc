#include "transfer/bulk_job.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/pace.h"
#include "jobs/parallel.h"
#include "model/item_checks.h"
#include "model/item_size.h"
#include "model/words/items.h"
#include "transfer/bucket/local_buckets.h"
#include "transfer/bulk_plan.h"
#include "transfer/bulk_progress.h"
#include "transfer/bulk_report.h"
#include "transfer/failure.h"
#include "transfer/format/record_stream.h"
#include "transfer/source_objects.h"

namespace tidemark::transfer {
namespace {

using jobs::JobCounts;
using jobs::JobFailure;
using jobs::JobProgress;
using jobs::JobResult;
using jobs::JobStop;

// Small: ProcessedInputBytes goes by them, and one may hold many records, once it is decompressed.
constexpr std::size_t kReadBlockBytes = 32 << 10;
constexpr std::size_t kReportBlockBytes = 256 << 10;
// What is put at once. Small: others wait for these items meanwhile.
constexpr std::size_t kBatchItemsMax = 64;
constexpr std::size_t kBatchBytesMax = 512 << 10;
constexpr std::uint64_t kBatchRecordsMax = 1'024;  // with those that are refused

// What all threads of one operation share.
struct BulkRun {
  const BulkRecord& record;
  const BulkJobContext& context;
  const JobStop& stop;
  JobProgress& progress;
  BulkReport& report;
  Pace& pace;
};

JobFailure table_is_gone() {
  return {.code = "TableNotFound", .message = "The table was deleted during the bulk operation."};
}

std::unique_ptr<format::RecordReader> reader_of(const BulkRecord& record) {
  return record.input_format == "ION" ? format::ion_reader() : format::dynamodb_json_reader();
}

// Reads one object from its first byte to its last, or to where it cannot be read any more. Records that an
// earlier attempt was done with are read, and passed over.
class ObjectPut {
 public:
  ObjectPut(const BulkRun& run, storage::TablePtr table, const std::string& key, std::size_t position,
            const ObjectProgress& earlier)
      : run_(run),
        table_(std::move(table)),
        key_(key),
        receipt_key_(receipt_prefix(run.record.id) + key),
        position_(position),
        committed_(earlier),
        next_(earlier),
        stream_(run.record.compression.value_or(InputCompression::kNone), reader_of(run.record)) {}

  Result<void> run(const File& data, std::uint64_t size) {
    const auto take = [this](std::uint64_t got) -> Result<bool> {
      RETURN_IF_ERROR(take_records());
      read_bytes_ += got;
      // What an earlier attempt has read counts already.
      next_.read_bytes = std::max(read_bytes_, committed_.read_bytes);
      return !is_abandoned_;
    };
    RETURN_IF_ERROR(feed_object(data, size, key_, kReadBlockBytes, run_.stop, stream_, take));
    return finish(size);
  }

  // The object cannot be read at all: one error.
  Result<void> refuse_all(const std::string& message, std::uint64_t size) {
    seen_ = committed_.records;
    RETURN_IF_ERROR(refuse(message));
    return finish(size);
  }

 private:
  struct Put {
    std::uint64_t index = 0;  // of the record within the object
    model::Item item;
    std::unique_ptr<PutCondition> condition;
  };

  Result<void> take_records() {
    while (true) {
      // A block may hold any number of records, once it is decompressed; and who waits for the pace is let go
      // by the stop as well.
      if (run_.stop.requested()) return fail(Error::unavailable("stopped"));
      std::string message;
      switch (stream_.next(&item_, &message)) {
        case format::RecordReader::Outcome::kNeedMore:
          return {};
        case format::RecordReader::Outcome::kAbandon:
          is_abandoned_ = true;
          return refuse(message);
        case format::RecordReader::Outcome::kBadItem:
          RETURN_IF_ERROR(refuse(message));
          break;
        case format::RecordReader::Outcome::kItem:
          RETURN_IF_ERROR(take_item());
          break;
      }
      if (next_.records - committed_.records >= kBatchRecordsMax) RETURN_IF_ERROR(commit(false));
    }
  }

  // An earlier attempt was done with the record.
  bool is_passed_over() { return seen_++ < committed_.records; }

  Result<void> refuse(const std::string& message) {
    if (is_passed_over()) return {};
    return refuse_at(next_.records++, message);
  }

  // The record counts already.
  Result<void> refuse_at(std::uint64_t index, const std::string& message) {
    RETURN_IF_ERROR(run_.report.add_error({run_.record.s3_bucket, key_, index}, message));
    ++next_.errors;
    return {};
  }

  Result<void> take_item() {
    if (seen_ < committed_.records) {
      ++seen_;
      return {};
    }
    auto key = model::check_item(table_->schema, item_);
    if (!key) return refuse(model::words::item_message(key.error()));
    auto condition = run_.context.compile_condition(stream_.record(), table_->schema);
    if (!condition) return refuse(condition.error());
    // Within an object the later of two items of one key counts, so the earlier has to be there first.
    storage::Target target;
    target.table = table_;
    std::string place = storage::encoded_position(target, {}, *key);
    if (places_.contains(place)) RETURN_IF_ERROR(commit(false));
    places_.insert(std::move(place));
    ++seen_;
    batch_bytes_ += item_.text.size();
    refs_.push_back({table_, *std::move(key)});
    puts_.push_back({next_.records++, std::move(item_), *std::move(condition)});
    item_ = {};
    if (puts_.size() < kBatchItemsMax && batch_bytes_ < kBatchBytesMax) return {};
    return commit(false);
  }

  // The rest of an object that was abandoned is done with, too.
  Result<void> finish(std::uint64_t size) {
    next_.is_done = true;
    next_.read_bytes = std::max(size, committed_.read_bytes);
    return commit(true);
  }

  // Puts what has come together, with the receipt for it.
  Result<void> commit(bool even_nothing) {
    if (next_.records == committed_.records && !even_nothing) return {};
    const auto transaction = run_.context.engine.begin(wal::Origin::kBulkPut);
    RETURN_IF_ERROR(transaction->lock(std::exchange(refs_, {})));
    // As for a write of a client, the table counts as it is now: it may have an index more than when the
    // items were read.
    auto table = run_.context.engine.catalog().find(table_->id);
    if (!table) return fail(Error::not_found("the table of the bulk operation"));
    const bool is_changed = std::exchange(table_, table) != table;
    std::int64_t units = 0;
    for (std::size_t at = 0; at < puts_.size(); ++at) {
      if (is_changed) {
        if (auto key = model::check_item(table_->schema, puts_[at].item); !key) {
          RETURN_IF_ERROR(refuse_at(puts_[at].index, model::words::item_message(key.error())));
          continue;
        }
      }
      ASSIGN_OR_RETURN(const std::int64_t more, put(at, *transaction));
      units += more;
    }
    transaction->keep_receipt(receipt_key_, next_.to_text());
    auto committed = transaction->commit();
    if (!committed) return fail(std::move(committed).error());
    run_.progress.add(position_,
                      {.items = next_.records - committed_.records,
                       .bytes = next_.written_bytes - committed_.written_bytes,
                       .files = next_.is_done ? 1U : 0U,
                       .errors = next_.errors - committed_.errors},
                      next_.read_bytes - committed_.read_bytes);
    committed_ = next_;
    puts_.clear();
    places_.clear();
    batch_bytes_ = 0;
    run_.pace.take(units, run_.stop.token());
    return {};
  }

  // Returns the write units that it takes.
  Result<std::int64_t> put(std::size_t at, storage::Transaction& transaction) {
    Put& put = puts_[at];
    ASSIGN_OR_RETURN(const auto old_item, transaction.read(at));
    if (put.condition) {
      const auto old_text = old_item ? std::optional(old_item->text()) : std::nullopt;
      ASSIGN_OR_RETURN(const bool holds, put.condition->holds(old_text));
      if (!holds) {
        ++next_.condition_failures;
        RETURN_IF_ERROR(run_.report.add_condition_failure({run_.record.s3_bucket, key_, put.index},
                                                          put.item.text, old_text));
        return 1;
      }
    }
    next_.written_bytes += put.item.size_bytes;
    const storage::WriteEffect effect = transaction.put(at, std::move(put.item));
    std::int64_t units = model::write_units(std::max(effect.old_size_bytes, effect.new_size_bytes));
    for (const auto& index : effect.indexes) units += index.write_units;
    return units;
  }

  const BulkRun& run_;
  storage::TablePtr table_;  // as the last commit found it
  const std::string& key_;
  const std::string receipt_key_;
  const std::size_t position_;  // of the object among all

  ObjectProgress committed_;
  ObjectProgress next_;           // with what is in puts_
  std::uint64_t seen_ = 0;        // records that have been read
  std::uint64_t read_bytes_ = 0;  // of blocks of which all records have been read
  bool is_abandoned_ = false;
  format::RecordStream stream_;
  model::Item item_;
  std::vector<storage::ItemRef> refs_;  // of puts_
  std::vector<Put> puts_;
  std::unordered_set<std::string> places_;  // of puts_
  std::size_t batch_bytes_ = 0;
};

s3emu::JobCaller caller_of(const BulkRecord& record) {
  return {.account_id = record.account_id, .bucket_owner = record.s3_bucket_owner};
}

// Reads all objects. A thread takes the next one when it is done with one.
class BulkReader {
 public:
  BulkReader(const BulkRun& run, Bucket& bucket, const std::vector<ListedObject>& sources,
             const BulkProgress& earlier)
      : run_(run), bucket_(bucket), sources_(sources), earlier_(earlier) {}

  JobResult<void> run() {
    const auto done = jobs::run_parallel(sources_.size(), run_.context.workers, run_.stop.token(),
                                         [this](std::size_t at) -> Result<void> {
                                           run_.progress.begin_part(at);
                                           RETURN_IF_ERROR(read_object(at));
                                           run_.progress.end_part(at);
                                           return {};
                                         });
    if (refusal_) return fail(*std::move(refusal_));
    if (run_.stop.requested()) return fail(run_.stop.failure());
    if (!done) return fail(JobFailure::internal(done.error()));
    return {};
  }

 private:
  Result<void> read_object(std::size_t at) {
    const ListedObject& source = sources_[at];
    ObjectProgress earlier;
    if (const auto found = earlier_.find(source.key); found != earlier_.end()) earlier = found->second;
    run_.progress.add(at,
                      {.items = earlier.records, .bytes = earlier.written_bytes, .errors = earlier.errors},
                      earlier.read_bytes);
    if (earlier.is_done) {
      run_.progress.add(at, {.files = 1}, source.size - std::min(source.size, earlier.read_bytes));
      return {};
    }
    const auto object = bucket_.open(source.key);
    if (!object && object.error().id == s3emu::S3Code::kAccessDenied) {
      return refuse(failure_of(object.error(), run_.context.random));
    }
    auto table = run_.context.engine.catalog().find(storage::TableId{run_.record.table_id});
    if (!table) return refuse(table_is_gone());
    ObjectPut object_put(run_, std::move(table), source.key, at, earlier);
    // Deleted since it was listed: an item that failed, as an import has it.
    if (!object) return object_put.refuse_all(object.error().message, source.size);
    auto done = object_put.run((*object)->data(), (*object)->size());
    if (!done && done.error().code == ErrorCode::kNotFound) return refuse(table_is_gone());
    return done;
  }

  // The failure of the whole operation.
  Result<void> refuse(JobFailure refusal) {
    const std::lock_guard lock(mutex_);
    if (!refusal_) refusal_ = std::move(refusal);
    return fail(Error::unavailable("the bulk operation cannot go on"));
  }

  const BulkRun& run_;
  Bucket& bucket_;
  const std::vector<ListedObject>& sources_;
  const BulkProgress& earlier_;
  std::mutex mutex_;
  std::optional<JobFailure> refusal_;  // guarded by mutex_; the first one
};

// The objects with the reports.
class ReportWriter {
 public:
  ReportWriter(const BulkRecord& record, const BulkJobContext& context) : record_(record), context_(context) {
    const std::string prefix = record.output.s3_key_prefix.value_or("");
    folder_ =
        prefix + (prefix.empty() || prefix.ends_with('/') ? "" : "/") + "AWSDynamoDB/" + record.id + "/";
  }

  // Whether the bucket takes them: asked before anything is put into the table.
  JobResult<void> check() {
    auto access = access_to(folder_ + "manifest.json");
    if (!access) return fail(failure_of(access.error(), context_.random));
    return {};
  }

  // The manifest comes last, so that whoever waits for it finds everything.
  JobResult<void> write(const BulkReport& report) {
    std::string manifest;
    JsonWriter json(&manifest);
    json.begin_object();
    json.member("bulkOperationArn", record_.arn);
    json.member("tableArn", record_.table_arn);
    json.key("outputFiles");
    json.begin_array();
    for (const ReportKind kind : kReportKinds) {
      const auto file = report.read(kind);
      if (!file) return fail(JobFailure::internal(file.error()));
      if (!*file) continue;
      const std::string key =
          folder_ + (kind == ReportKind::kError ? "errors.json" : "condition-check-failures.json");
      auto written = put(key, **file);
      if (!written) return fail(failure_of(written.error(), context_.random));
      json.begin_object();
      json.member("outputType", report_kind_name(kind));
      json.member("s3Bucket", record_.output.s3_bucket);
      json.member("s3Key", key);
      json.member("recordCount", static_cast<std::int64_t>(report.lines(kind)));
      json.end_object();
    }
    json.end_array();
    json.end_object();
    auto access = access_to(folder_ + "manifest.json");
    if (!access) return fail(failure_of(access.error(), context_.random));
    auto written = s3emu::put_bytes(context_.objects, record_.output.s3_bucket, folder_ + "manifest.json",
                                    manifest, metadata_with(*std::move(access)));
    if (!written) return fail(failure_of(written.error(), context_.random));
    return {};
  }

 private:
  s3emu::S3Result<s3emu::ObjectAccess> access_to(const std::string& key) {
    return context_.access.may_write(
        {.account_id = record_.account_id, .bucket_owner = record_.output.s3_bucket_owner},
        record_.output.s3_bucket, key, encryption());
  }

  [[nodiscard]] std::string encryption() const {
    return record_.output.s3_sse_algorithm == "KMS" ? "aws:kms" : "AES256";
  }

  [[nodiscard]] s3emu::ObjectMetadata metadata_with(s3emu::ObjectAccess access) const {
    s3emu::ObjectMetadata metadata;
    metadata.headers.emplace_back("content-type", "application/json");
    if (record_.output.s3_sse_algorithm) {
      metadata.headers.emplace_back("x-amz-server-side-encryption", encryption());
    }
    if (record_.output.s3_sse_kms_key_id) {
      metadata.headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id",
                                    *record_.output.s3_sse_kms_key_id);
    }
    metadata.owner = std::move(access.owner);
    metadata.acl = std::move(access.acl);
    return metadata;
  }

  s3emu::S3Result<void> put(const std::string& key, const File& file) {
    ASSIGN_OR_RETURN(auto access, access_to(key));
    ASSIGN_OR_RETURN(const auto object, context_.objects.put_object(record_.output.s3_bucket, key));
    std::string block(kReportBlockBytes, '\0');
    for (std::uint64_t offset = 0; offset < file.size();) {
      const auto got = file.read_at(offset, block.data(), block.size());
      if (!got || *got == 0) return fail(s3emu::S3Error::of(s3emu::S3Code::kInternalError));
      RETURN_IF_ERROR(object->write(std::string_view(block).substr(0, *got)));
      offset += *got;
    }
    RETURN_IF_ERROR(object->commit(metadata_with(std::move(access))));
    return {};
  }

  const BulkRecord& record_;
  const BulkJobContext& context_;
  std::string folder_;
};

// As an earlier attempt listed them, or as they are now.
JobResult<std::vector<ListedObject>> take_up_plan(const BulkRecord& record, Bucket& bucket,
                                                  const BulkJobContext& context, const JobStop& stop) {
  auto kept = read_bulk_plan(context.engine.receipts(), record.id);
  if (!kept) return fail(JobFailure::internal(kept.error()));
  if (*kept) return **std::move(kept);
  ASSIGN_OR_RETURN(auto sources, list_source(bucket, record.s3_key_prefix.value_or(""), "A bulk operation",
                                             context.random, stop));
  if (auto saved = keep_bulk_plan(context.engine, record.id, sources); !saved) {
    return fail(JobFailure::internal(saved.error()));
  }
  return sources;
}

}  // namespace

JobResult<BulkRecord> run_bulk(BulkRecord record, const BulkJobContext& context, const JobStop& stop,
                               JobProgress& progress) {
  if (stop.requested()) return fail(stop.failure());
  progress.enter("listing");
  ReportWriter report_writer(record, context);
  RETURN_IF_ERROR(report_writer.check());
  LocalBuckets buckets(context.objects, context.access);
  const auto bucket = buckets.bucket(record.s3_bucket, caller_of(record), stop.token());
  ASSIGN_OR_RETURN(const auto sources, take_up_plan(record, *bucket, context, stop));
  plan_objects(sources, progress);

  const auto earlier = read_bulk_progress(context.engine.receipts(), record.id);
  if (!earlier) return fail(JobFailure::internal(earlier.error()));
  BulkReport report(context.files, context.report_directory, record.id);
  if (auto opened = report.open(record.output.with_errors, record.output.with_condition_failures, *earlier);
      !opened) {
    return fail(JobFailure::internal(opened.error()));
  }
  progress.enter("writing");
  Pace pace(record.max_write_request_units);
  const BulkRun run{record, context, stop, progress, report, pace};
  RETURN_IF_ERROR(BulkReader(run, *bucket, sources, *earlier).run());
  progress.enter("reporting");
  RETURN_IF_ERROR(report_writer.write(report));
  const auto done = progress.snapshot();
  record.totals = done.counts;
  record.processed_input_bytes = done.steps_done;
  record.total_input_bytes = done.steps;
  record.status = jobs::JobStatus::kCompleted;
  record.end_time = jobs::end_of(record, context.clock.now());
  progress.enter("done");
  return record;
}

}  // namespace tidemark::transfer

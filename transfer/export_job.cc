#include "transfer/export_job.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/gzip.h"
#include "base/log.h"
#include "jobs/parallel.h"
#include "jobs/partition_plan.h"
#include "transfer/failure.h"
#include "transfer/kms_key.h"
#include "transfer/manifest.h"

namespace tidemark::transfer {
namespace {

using jobs::JobCounts;
using jobs::JobFailure;
using jobs::JobProgress;
using jobs::JobResult;
using jobs::JobStop;

// Compressed bytes after which a partition goes on in the next file: one part, well under the 5 GiB a part
// may have.
constexpr std::uint64_t kFileBytesMax = 1ULL << 30;
// Text gathered before it is compressed, and compressed bytes gathered before they are uploaded.
constexpr std::size_t kTextBlockBytes = 256 << 10;
constexpr std::size_t kUploadBlockBytes = 256 << 10;
// Items looked at, after which progress is told though a filter has let few of them through.
constexpr std::uint64_t kStepsMax = 8'192;

std::string_view suffix_of(const ExportRecord& record) {
  return record.export_format == "ION" ? ".ion.gz" : ".json.gz";
}

std::string encryption_of(const ExportRecord& record) {
  return record.s3_sse_algorithm == "KMS" ? "aws:kms" : "AES256";
}

s3emu::JobCaller caller_of(const ExportRecord& record) {
  return {.account_id = record.account_id, .bucket_owner = record.s3_bucket_owner};
}

s3emu::ObjectMetadata metadata_for(const ExportRecord& record, std::string_view content_type,
                                   s3emu::ObjectAccess access) {
  s3emu::ObjectMetadata metadata;
  metadata.headers.emplace_back("content-type", content_type);
  metadata.headers.emplace_back("x-amz-server-side-encryption", encryption_of(record));
  if (record.s3_sse_kms_key_id) {
    metadata.headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", *record.s3_sse_kms_key_id);
  }
  metadata.owner = std::move(access.owner);
  metadata.acl = std::move(access.acl);
  return metadata;
}

// One object written as a multipart upload of one part, as the service does, so that its ETag ends in `-1`.
class UploadedFile {
 public:
  UploadedFile(const ExportRecord& record, const ExportJobContext& context, std::string key)
      : record_(record), objects_(context.objects), access_(context.access), key_(std::move(key)) {}
  ~UploadedFile() {
    part_.reset();
    if (upload_id_.empty()) return;
    if (!access_.may_abort_upload(caller_of(record_), record_.s3_bucket, key_)) return;
    // Unfinished uploads are listed by S3 for those who look.
    if (auto aborted = objects_.abort_upload(record_.s3_bucket, key_, upload_id_); !aborted) {
      log::warn("an upload of an export stays unfinished",
                {{"bucket", record_.s3_bucket}, {"key", key_}, {"error", aborted.error().message}});
    }
  }
  UploadedFile(const UploadedFile&) = delete;
  UploadedFile& operator=(const UploadedFile&) = delete;

  s3emu::S3Result<void> begin(std::string_view content_type) {
    ASSIGN_OR_RETURN(auto access,
                     access_.may_write(caller_of(record_), record_.s3_bucket, key_, encryption_of(record_)));
    ASSIGN_OR_RETURN(upload_id_,
                     objects_.create_upload(
                         record_.s3_bucket, key_, metadata_for(record_, content_type, std::move(access)),
                         s3emu::ChecksumAlgorithm::kNone, s3emu::ChecksumType::kFullObject));
    if (!has_kms_key(record_)) {
      return fail(s3emu::S3Error{.id = s3emu::S3Code::kInvalidArgument,
                                 .code = std::string(kNoSuchKmsKey),
                                 .status = 400,
                                 .message = "Key '" + kms_key_arn(record_) + "' does not exist"});
    }
    // CRC-32C is done in hardware; the store's default is not.
    ASSIGN_OR_RETURN(part_, objects_.put_part(record_.s3_bucket, key_, upload_id_, 1,
                                              {.checksum = s3emu::ChecksumAlgorithm::kCrc32c}));
    return {};
  }
  s3emu::S3Result<void> write(std::string_view bytes) { return part_->write(bytes); }
  [[nodiscard]] std::uint64_t size() const { return part_->size(); }

  struct Outcome {
    std::string md5_base64;
    std::string etag;
  };
  s3emu::S3Result<Outcome> finish() {
    ASSIGN_OR_RETURN(const s3emu::PartInfo part, part_->commit());
    part_.reset();
    s3emu::CompleteRequest request;
    request.parts.push_back({.number = 1, .etag = part.etag, .checksum = std::nullopt});
    ASSIGN_OR_RETURN(const s3emu::ObjectInfo object,
                     objects_.complete_upload(record_.s3_bucket, key_, upload_id_, request));
    upload_id_.clear();
    // A part's ETag is the MD5 of its bytes, and the part is the whole object.
    const auto md5 = from_hex(part.etag);
    return Outcome{base64_encode(md5.value_or("")), object.etag};
  }

 private:
  const ExportRecord& record_;
  s3emu::ObjectStore& objects_;
  s3emu::JobAccess& access_;
  std::string key_;
  std::string upload_id_;  // empty when there is nothing to abort
  std::unique_ptr<s3emu::PartWriter> part_;
};

JobResult<void> put_small(const ExportRecord& record, const ExportJobContext& context, const std::string& key,
                          std::string_view bytes, std::string_view content_type) {
  UploadedFile file(record, context, key);
  const auto stored = [&]() -> s3emu::S3Result<void> {
    RETURN_IF_ERROR(file.begin(content_type));
    RETURN_IF_ERROR(file.write(bytes));
    RETURN_IF_ERROR(file.finish());
    return {};
  }();
  if (!stored) return fail(failure_of(stored.error(), context.random));
  return {};
}

// Writes the files of one partition.
class PartitionExporter {
 public:
  PartitionExporter(const ExportRecord& record, const ExportJobContext& context, const ExportKeys& keys,
                    const JobStop& stop, JobProgress& progress, std::size_t position)
      : record_(record),
        context_(context),
        keys_(keys),
        stop_(stop),
        progress_(progress),
        position_(position) {}

  JobResult<std::vector<DataFile>> run(ExportReader& reader) {
    progress_.begin_part(position_);
    std::vector<DataFile> files;
    bool more = true;
    while (more) {
      auto written = write_file(reader, files.size(), &more);
      if (!written) return fail(std::move(written).error());
      files.push_back(*std::move(written));
    }
    progress_.end_part(position_);
    return files;
  }

 private:
  // Writes the next file; `*more` tells whether the partition goes on behind it.
  JobResult<DataFile> write_file(ExportReader& reader, std::size_t number, bool* more) {
    if (const auto code = progress_.failure_before_file()) return fail(told_failure(*code, context_.random));
    DataFile data_file;
    data_file.key = keys_.data_file(position_, number, suffix_of(record_));
    UploadedFile upload(record_, context_, data_file.key);
    if (auto begun = upload.begin("application/octet-stream"); !begun) return s3_failure(begun.error());

    GzipWriter gzip;
    std::string text;
    std::string compressed;
    *more = false;
    for (auto step = reader.next(&text); step != ExportReader::Step::kEnd; step = reader.next(&text)) {
      ++steps_;
      if (step == ExportReader::Step::kRecord) {
        ++data_file.item_count;
        ++batch_.items;
        batch_.bytes += reader.size_bytes();
      }
      if (text.size() < kTextBlockBytes && steps_ < kStepsMax) continue;
      report_batch();
      if (stop_.requested()) return fail(stop_.failure());
      gzip.write(text, &compressed);
      text.clear();
      if (compressed.size() < kUploadBlockBytes) continue;
      if (auto sent = upload.write(compressed); !sent) return s3_failure(sent.error());
      compressed.clear();
      if (upload.size() >= kFileBytesMax) {
        *more = true;
        break;
      }
    }
    if (auto status = reader.status(); !status) return fail(JobFailure::internal(status.error()));
    gzip.write(text, &compressed);
    gzip.finish(&compressed);
    if (auto sent = upload.write(compressed); !sent) return s3_failure(sent.error());
    const auto finished = upload.finish();
    if (!finished) return s3_failure(finished.error());
    data_file.md5_base64 = finished->md5_base64;
    data_file.etag = finished->etag;
    batch_.files = 1;
    report_batch();
    return data_file;
  }

  void report_batch() {
    progress_.add(position_, batch_, steps_);
    batch_ = {};
    steps_ = 0;
  }

  [[nodiscard]] tl::unexpected<JobFailure> s3_failure(const s3emu::S3Error& error) const {
    return fail(failure_of(error, context_.random));
  }

  const ExportRecord& record_;
  const ExportJobContext& context_;
  const ExportKeys& keys_;
  const JobStop& stop_;
  JobProgress& progress_;
  const std::size_t position_;
  // Done since progress_ was told; a step is an item that was looked at.
  JobCounts batch_;
  std::uint64_t steps_ = 0;
};

// The data files, in the order of the partitions.
JobResult<std::vector<DataFile>> export_data(const ExportRecord& record, ExportSource& source,
                                             const ExportJobContext& context, const ExportKeys& keys,
                                             const JobStop& stop, JobProgress& progress) {
  const auto& partitions = source.partitions();
  jobs::plan_partitions(partitions, context.expected_items, progress);
  std::vector<std::vector<DataFile>> files_of(partitions.size());
  std::mutex mutex;
  std::optional<JobFailure> failure;  // guarded by mutex; the first one

  const auto export_partition = [&](std::size_t position) -> Result<void> {
    ASSIGN_OR_RETURN(const auto reader, source.read(partitions[position].hashes));
    auto files = PartitionExporter(record, context, keys, stop, progress, position).run(*reader);
    if (!files) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::move(files).error();
      return fail(Error::unavailable("a partition failed"));
    }
    files_of[position] = *std::move(files);
    return {};
  };
  const auto done = jobs::run_parallel(partitions.size(), context.workers, stop.token(), export_partition);
  if (failure) return fail(*std::move(failure));
  if (!done && stop.requested()) return fail(stop.failure());
  if (!done) return fail(JobFailure::internal(done.error()));

  std::vector<DataFile> all;
  for (auto& files : files_of) std::move(files.begin(), files.end(), std::back_inserter(all));
  return all;
}

// Aborts the uploads whose keys begin with `prefix`.
JobResult<void> abort_uploads(const ExportRecord& record, const ExportJobContext& context,
                              const std::string& prefix) {
  while (true) {
    const auto page = context.objects.list_uploads(
        record.s3_bucket,
        {.prefix = prefix, .delimiter = "", .key_marker = "", .id_marker = "", .items_max = 1000});
    if (!page) return fail(failure_of(page.error(), context.random));
    if (page->uploads.empty()) return {};
    for (const auto& upload : page->uploads) {
      if (auto aborted = context.objects.abort_upload(record.s3_bucket, upload.key, upload.id); !aborted) {
        return fail(failure_of(aborted.error(), context.random));
      }
    }
  }
}

// False: there is no such object.
JobResult<bool> remove_object(const ExportRecord& record, const ExportJobContext& context,
                              const std::string& key) {
  // Asked first: where versions are kept, deleting what is not there leaves a marker.
  const auto page = context.objects.list_objects(
      record.s3_bucket, {.prefix = key, .delimiter = "", .start_after = "", .items_max = 1});
  if (!page) return fail(failure_of(page.error(), context.random));
  if (page->objects.empty()) return false;
  if (auto removed = context.objects.delete_object(record.s3_bucket, {.key = key}); !removed) {
    return fail(failure_of(removed.error(), context.random));
  }
  return true;
}

// An earlier attempt, cut off by the end of the process, may have left data files that no manifest would
// name, and uploads that nobody would complete. A partition's files were written one after the other.
JobResult<void> remove_leftovers(const ExportRecord& record, const ExportJobContext& context,
                                 const ExportKeys& keys, std::size_t partitions) {
  RETURN_IF_ERROR(abort_uploads(record, context, keys.folder()));
  for (std::size_t position = 0; position < partitions; ++position) {
    for (std::size_t number = 0;; ++number) {
      const std::string key = keys.data_file(position, number, suffix_of(record));
      if (record.window) RETURN_IF_ERROR(abort_uploads(record, context, key));
      ASSIGN_OR_RETURN(const bool was_there, remove_object(record, context, key));
      if (!was_there) break;
    }
  }
  return {};
}

ExportKeys keys_of(const ExportRecord& record) {
  return {record.s3_prefix, record.id,
          record.window ? ExportKeys::Data::kShared : ExportKeys::Data::kOfItsOwn};
}

ManifestSummary summary_of(const ExportRecord& record, const ExportKeys& keys) {
  std::optional<ManifestWindow> window;
  if (record.window) window = {record.window->from, record.window->to, record.window->view};
  return {.export_arn = record.arn,
          .start_time = record.start_time,
          .end_time = record.end_time,
          .table_arn = record.table_arn,
          .table_id = record.table_uuid,
          .export_time = record.export_time,
          .window = window,
          .s3_bucket = record.s3_bucket,
          .s3_prefix = record.s3_prefix,
          .s3_sse_algorithm = record.s3_sse_algorithm,
          .s3_sse_kms_key_id = record.s3_sse_kms_key_id,
          .manifest_files_key = keys.manifest_files(),
          .billed_size_bytes = record.billed_size_bytes(),
          .item_count = record.totals.items,
          .output_format = record.export_format};
}

}  // namespace

JobResult<void> ExportJob::write_data(const JobStop& stop, JobProgress& progress) {
  const ExportKeys keys = keys_of(record_);
  RETURN_IF_ERROR(remove_leftovers(record_, context_, keys, source_->partitions().size()));
  RETURN_IF_ERROR(put_small(record_, context_, keys.started(), "", "application/octet-stream"));
  progress.enter("exporting");
  ASSIGN_OR_RETURN(files_, export_data(record_, *source_, context_, keys, stop, progress));
  source_.reset();
  if (const auto code = progress.failure_after_files()) return fail(told_failure(*code, context_.random));
  return {};
}

// Consumers start on the event of a manifest and read everything at once: the manifests come last, the
// summary after the list.
JobResult<void> ExportJob::write_manifests(JobProgress& progress) {
  const ExportKeys keys = keys_of(record_);
  progress.enter("writing manifests");
  record_.totals = progress.counts();
  record_.manifest_key = keys.manifest_summary();
  record_.end_time = std::max(context_.clock.now(), record_.start_time);
  const std::string files_json = manifest_files_json(files_);
  const std::string summary_json = manifest_summary_json(summary_of(record_, keys));
  RETURN_IF_ERROR(put_small(record_, context_, keys.manifest_files(), files_json, "application/json"));
  RETURN_IF_ERROR(put_small(record_, context_, keys.manifest_files_md5(), md5_file(files_json),
                            "application/octet-stream"));
  RETURN_IF_ERROR(put_small(record_, context_, keys.manifest_summary(), summary_json, "application/json"));
  RETURN_IF_ERROR(put_small(record_, context_, keys.manifest_summary_md5(), md5_file(summary_json),
                            "application/octet-stream"));
  return {};
}

JobResult<ExportRecord> ExportJob::run(const JobStop& stop, JobProgress& progress) {
  if (stop.requested()) return fail(stop.failure());
  if (source_) RETURN_IF_ERROR(write_data(stop, progress));
  if (!context_.may_end()) return fail(JobFailure::postponed());
  RETURN_IF_ERROR(write_manifests(progress));
  record_.status = jobs::JobStatus::kCompleted;
  progress.enter("done");
  return record_;
}

}  // namespace tidemark::transfer

#include "transfer/export_job.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/gzip.h"
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
  if (record.export_format == "CSV") return ".csv.gz";
  return record.export_format == "ION" ? ".ion.gz" : ".json.gz";
}

std::string encryption_of(const ExportRecord& record) {
  return record.s3_sse_algorithm == "KMS" ? "aws:kms" : "AES256";
}

// Where an export writes.
struct Target {
  const ExportRecord& record;
  Bucket& bucket;
  Random& random;
};

S3Result<std::unique_ptr<ObjectUpload>> begin_upload(const Target& target, const std::string& key,
                                                     std::string_view content_type) {
  const ExportRecord& record = target.record;
  ASSIGN_OR_RETURN(auto upload, target.bucket.upload({.key = key,
                                                      .content_type = std::string(content_type),
                                                      .encryption = encryption_of(record),
                                                      .kms_key_id = record.s3_sse_kms_key_id}));
  if (!has_kms_key(record)) {
    return fail(s3emu::S3Error{.id = s3emu::S3Code::kInvalidArgument,
                               .code = std::string(kNoSuchKmsKey),
                               .status = 400,
                               .message = "Key '" + kms_key_arn(record) + "' does not exist"});
  }
  return upload;
}

JobResult<void> put_small(const Target& target, const std::string& key, std::string_view bytes,
                          std::string_view content_type) {
  const auto stored = [&]() -> S3Result<void> {
    ASSIGN_OR_RETURN(const auto upload, begin_upload(target, key, content_type));
    RETURN_IF_ERROR(upload->write(bytes));
    RETURN_IF_ERROR(upload->finish());
    return {};
  }();
  if (!stored) return fail(failure_of(stored.error(), target.random));
  return {};
}

// Writes the files of one partition.
class PartitionExporter {
 public:
  PartitionExporter(const Target& target, const ExportKeys& keys, const JobStop& stop, JobProgress& progress,
                    std::size_t position)
      : target_(target), keys_(keys), stop_(stop), progress_(progress), position_(position) {}

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
    if (const auto code = progress_.failure_before_file()) return fail(told_failure(*code, target_.random));
    DataFile data_file;
    data_file.key = keys_.data_file(position_, number, suffix_of(target_.record));
    const auto upload = begin_upload(target_, data_file.key, "application/octet-stream");
    if (!upload) return s3_failure(upload.error());

    GzipWriter gzip;
    std::string text;
    std::string compressed;
    *more = false;
    reader.append_head(&text);
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
      if (auto sent = (*upload)->write(compressed); !sent) return s3_failure(sent.error());
      compressed.clear();
      if ((*upload)->size() >= kFileBytesMax) {
        *more = true;
        break;
      }
    }
    if (auto status = reader.status(); !status) return fail(JobFailure::internal(status.error()));
    gzip.write(text, &compressed);
    gzip.finish(&compressed);
    if (auto sent = (*upload)->write(compressed); !sent) return s3_failure(sent.error());
    const auto finished = (*upload)->finish();
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
    return fail(failure_of(error, target_.random));
  }

  const Target& target_;
  const ExportKeys& keys_;
  const JobStop& stop_;
  JobProgress& progress_;
  const std::size_t position_;
  // Done since progress_ was told; a step is an item that was looked at.
  JobCounts batch_;
  std::uint64_t steps_ = 0;
};

// The data files, in the order of the partitions.
JobResult<std::vector<DataFile>> export_data(const Target& target, ExportSource& source,
                                             const ExportJobContext& context, const ExportKeys& keys,
                                             const JobStop& stop, JobProgress& progress) {
  const auto& partitions = source.partitions();
  jobs::plan_partitions(partitions, context.expected_items, progress);
  std::vector<std::vector<DataFile>> files_of(partitions.size());
  std::mutex mutex;
  std::optional<JobFailure> failure;  // guarded by mutex; the first one

  const auto export_partition = [&](std::size_t position) -> Result<void> {
    ASSIGN_OR_RETURN(const auto reader, source.read(partitions[position].hashes));
    auto files = PartitionExporter(target, keys, stop, progress, position).run(*reader);
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

// An earlier attempt, cut off by the end of the process, may have left data files that no manifest would
// name, and uploads that nobody would complete. A partition's files were written one after the other.
S3Result<void> remove_leftovers(const Target& target, const ExportKeys& keys, std::size_t partitions) {
  RETURN_IF_ERROR(target.bucket.abort_uploads(keys.folder()));
  for (std::size_t position = 0; position < partitions; ++position) {
    for (std::size_t number = 0;; ++number) {
      const std::string key = keys.data_file(position, number, suffix_of(target.record));
      if (target.record.window) RETURN_IF_ERROR(target.bucket.abort_uploads(key));
      ASSIGN_OR_RETURN(const bool was_there, target.bucket.remove(key));
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

JobResult<void> ExportJob::survey(const JobStop& stop, JobProgress& progress) {
  if (!source_->wants_survey()) return {};
  progress.enter("looking at the items");
  const auto& partitions = source_->partitions();
  const auto surveyed = jobs::run_parallel(
      partitions.size(), context_.workers, stop.token(),
      [&](std::size_t position) { return source_->survey(partitions[position].hashes, stop.token()); });
  if (surveyed) return {};
  if (stop.requested()) return fail(stop.failure());
  if (surveyed.error().code == ErrorCode::kInvalidArgument) {
    return fail(JobFailure{.code = "TooManyColumns", .message = surveyed.error().message});
  }
  return fail(JobFailure::internal(surveyed.error()));
}

JobResult<void> ExportJob::write_data(Bucket& bucket, const JobStop& stop, JobProgress& progress) {
  const ExportKeys keys = keys_of(record_);
  const Target target{record_, bucket, context_.random};
  if (auto removed = remove_leftovers(target, keys, source_->partitions().size()); !removed) {
    return fail(failure_of(removed.error(), context_.random));
  }
  RETURN_IF_ERROR(put_small(target, keys.started(), "", "application/octet-stream"));
  RETURN_IF_ERROR(survey(stop, progress));
  progress.enter("exporting");
  ASSIGN_OR_RETURN(files_, export_data(target, *source_, context_, keys, stop, progress));
  source_.reset();
  if (const auto code = progress.failure_after_files()) return fail(told_failure(*code, context_.random));
  return {};
}

// Consumers start on the event of a manifest and read everything at once: the manifests come last, the
// summary after the list.
JobResult<void> ExportJob::write_manifests(Bucket& bucket, JobProgress& progress) {
  const ExportKeys keys = keys_of(record_);
  const Target target{record_, bucket, context_.random};
  progress.enter("writing manifests");
  record_.totals = progress.counts();
  record_.manifest_key = keys.manifest_summary();
  record_.end_time = jobs::end_of(record_, context_.clock.now());
  const std::string files_json = manifest_files_json(files_);
  const std::string summary_json = manifest_summary_json(summary_of(record_, keys));
  RETURN_IF_ERROR(put_small(target, keys.manifest_files(), files_json, "application/json"));
  RETURN_IF_ERROR(
      put_small(target, keys.manifest_files_md5(), md5_file(files_json), "application/octet-stream"));
  RETURN_IF_ERROR(put_small(target, keys.manifest_summary(), summary_json, "application/json"));
  return put_small(target, keys.manifest_summary_md5(), md5_file(summary_json), "application/octet-stream");
}

JobResult<void> ExportJob::write(Bucket& bucket, const JobStop& stop, JobProgress& progress) {
  if (source_) RETURN_IF_ERROR(write_data(bucket, stop, progress));
  if (!context_.may_end()) return fail(JobFailure::postponed());
  return write_manifests(bucket, progress);
}

JobResult<ExportRecord> ExportJob::run(const JobStop& stop, JobProgress& progress) {
  if (stop.requested()) return fail(stop.failure());
  const s3emu::JobCaller caller{.account_id = record_.account_id, .bucket_owner = record_.s3_bucket_owner};
  const auto bucket = context_.buckets.bucket(record_.s3_bucket, caller, stop.token());
  if (auto written = write(*bucket, stop, progress); !written) {
    const bool is_cut_off = stop.requested() && written.error().kind == JobFailure::Kind::kFailed;
    return fail(is_cut_off ? stop.failure() : std::move(written).error());
  }
  record_.status = jobs::JobStatus::kCompleted;
  progress.enter("done");
  return record_;
}

}  // namespace tidemark::transfer

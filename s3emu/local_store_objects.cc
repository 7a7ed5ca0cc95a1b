// Objects: put, read, delete, copy.
#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "s3emu/local_store.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kCopyBlockSize = 256 << 10;

class LocalObjectWriter final : public ObjectWriter {
 public:
  LocalObjectWriter(LocalStore& store, std::string bucket, std::string key, std::unique_ptr<DataSink> sink)
      : store_(store), bucket_(std::move(bucket)), key_(std::move(key)), sink_(std::move(sink)) {}

  S3Result<void> write(std::string_view bytes) override { return sink_->write(bytes); }
  [[nodiscard]] std::uint64_t size() const override { return sink_->size(); }

  S3Result<ObjectInfo> commit(ObjectMetadata metadata, const WriteConditions& conditions,
                              const ExpectedDigests& expected) override {
    sink_->digests();
    RETURN_IF_ERROR(sink_->verify(expected));
    ObjectRecord record;
    record.info.key = key_;
    record.info.size = sink_->size();
    record.info.etag = to_hex(sink_->md5());
    record.info.storage_class = metadata.storage_class;
    record.info.checksum = sink_->checksum();
    record.metadata = std::move(metadata);
    ASSIGN_OR_RETURN(StoredData stored, sink_->finish());
    record.segments = std::move(stored.segments);
    return store_.commit_object(bucket_, std::move(record), std::move(stored.rows), conditions);
  }

 private:
  LocalStore& store_;
  const std::string bucket_;
  const std::string key_;
  const std::unique_ptr<DataSink> sink_;
};

auto no_such_key(const std::string& key) { return fail(S3Error::of(S3Code::kNoSuchKey).with("Key", key)); }

S3Result<void> check_conditions(const WriteConditions& conditions, const std::optional<ObjectRecord>& old,
                                const std::string& key) {
  if (conditions.if_absent && old) {
    return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "If-None-Match"));
  }
  if (conditions.if_match) {
    if (!old) return no_such_key(key);
    if (!etag_matches(*conditions.if_match, old->info.etag)) {
      return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "If-Match"));
    }
  }
  return {};
}

// MD5 and checksum of a whole file.
S3Result<std::pair<std::string, Checksum>> digest_file(const File& file, std::uint64_t size,
                                                       ChecksumAlgorithm algorithm) {
  Digest md5(DigestAlgorithm::kMd5);
  ChecksumState checksum(algorithm);
  std::string block(kCopyBlockSize, '\0');
  for (std::uint64_t offset = 0; offset < size;) {
    const auto got = file.read_at(offset, block.data(), std::min<std::uint64_t>(block.size(), size - offset));
    if (!got) return fail(S3Error::from(got.error()));
    if (*got == 0) return fail(S3Error::from(Error::corruption("object data ends early")));
    const std::string_view bytes(block.data(), *got);
    md5.update(bytes);
    checksum.update(bytes);
    offset += *got;
  }
  return std::pair{md5.finish(), Checksum{algorithm, ChecksumType::kFullObject, checksum.finish(), 0}};
}

// Copies a run of bytes into `to`.
template <class Sink>
S3Result<void> copy_bytes(const File& from, std::uint64_t offset, std::uint64_t size, Sink&& sink) {
  std::string block(static_cast<std::size_t>(std::min<std::uint64_t>(kCopyBlockSize, size)), '\0');
  while (size > 0) {
    const auto got = from.read_at(offset, block.data(), std::min<std::uint64_t>(block.size(), size));
    if (!got) return fail(S3Error::from(got.error()));
    if (*got == 0) return fail(S3Error::from(Error::corruption("object data ends early")));
    RETURN_IF_ERROR(sink(std::string_view(block.data(), *got)));
    offset += *got;
    size -= *got;
  }
  return {};
}

}  // namespace

S3Result<std::unique_ptr<ObjectWriter>> LocalStore::put_object(const std::string& bucket,
                                                               const std::string& key,
                                                               const WriterOptions& options) {
  RETURN_IF_ERROR(check_key(key));
  {
    const std::shared_lock lock(buckets_mutex_);
    RETURN_IF_ERROR(require_bucket(bucket));
  }
  return std::make_unique<LocalObjectWriter>(*this, bucket, key,
                                             std::make_unique<DataSink>(files_, random_, options));
}

S3Result<ObjectInfo> LocalStore::commit_object(const std::string& bucket, ObjectRecord record, Batch rows,
                                               const WriteConditions& conditions, bool rows_own_data) {
  const std::string key = record.info.key;
  std::vector<std::string> gone;
  const auto committed = [&]() -> S3Result<void> {
    const std::shared_lock buckets_lock(buckets_mutex_);
    const std::scoped_lock lock(key_lock(bucket, key));
    RETURN_IF_ERROR(require_bucket(bucket));
    ASSIGN_OR_RETURN(const std::optional<ObjectRecord> old, find_record(bucket, key));
    RETURN_IF_ERROR(check_conditions(conditions, old, key));
    // Kept when the caller has set it: a finished upload records the same time.
    if (record.info.last_modified == Timestamp{}) record.info.last_modified = now();
    rows.put(object_row(bucket, key), encode(record));
    if (old) {
      erase_segments(old->segments, &rows);
      gone = file_ids(old->segments);
    }
    return write(rows);
  }();
  if (!committed) {
    // After a failed write nobody knows whether the row is there: the next start sweeps the data if not.
    if (rows_own_data && committed.error().status < 500) files_->remove(file_ids(record.segments));
    return fail(committed.error());
  }
  files_->remove(gone);
  return record.info;
}

S3Result<std::optional<ObjectRecord>> LocalStore::find_record(const std::string& bucket,
                                                              const std::string& key) {
  const auto row = db_->get(object_row(bucket, key));
  if (!row) return fail(S3Error::from(row.error()));
  if (!row->has_value()) return std::nullopt;
  auto record = decode_object(key, **row);
  if (!record) return fail(S3Error::from(record.error()));
  return std::move(*record);
}

S3Result<ObjectRecord> LocalStore::get_record(const std::string& bucket, const std::string& key) {
  ASSIGN_OR_RETURN(auto record, find_record(bucket, key));
  if (!record) {
    const std::shared_lock lock(buckets_mutex_);
    RETURN_IF_ERROR(require_bucket(bucket));
    return no_such_key(key);
  }
  return std::move(*record);
}

S3Result<ObjectDetails> LocalStore::head_object(const std::string& bucket, const std::string& key) {
  RETURN_IF_ERROR(check_key(key));
  ASSIGN_OR_RETURN(ObjectRecord record, get_record(bucket, key));
  return ObjectDetails{std::move(record.info), std::move(record.metadata), std::move(record.parts)};
}

S3Result<std::shared_ptr<const File>> LocalStore::open_data(const std::string& bucket,
                                                            const ObjectRecord& record) {
  const std::vector<Segment>& segments = record.segments;
  if (segments.empty()) return memory_file({});
  const std::vector<std::string> ids = file_ids(segments);
  std::shared_ptr<const void> pin;
  if (segments.size() == 1 && !ids.empty() && segments[0].offset == 0) {
    auto file = files_->open_file(ids[0]);
    if (!file && file.error().code == ErrorCode::kNotFound) return nullptr;
    if (!file) return fail(S3Error::from(file.error()));
    if ((*file)->size() == segments[0].size) return std::move(*file);
  }
  if (!ids.empty()) pin = files_->pin(ids.front());

  std::vector<std::string> inline_bytes;
  for (const Segment& segment : segments) {
    if (!segment.is_inline) continue;
    auto row = db_->get(inline_row(segment.data_id));
    if (!row) return fail(S3Error::from(row.error()));
    if (!row->has_value()) return nullptr;
    inline_bytes.push_back(std::move(**row));
  }
  if (segments.size() == 1 && segments[0].is_inline) return memory_file(std::move(inline_bytes[0]));
  // The pin counts only if the object was still there when it was taken.
  ASSIGN_OR_RETURN(const auto again, find_record(bucket, record.info.key));
  if (!again || again->segments.empty() || again->segments[0].data_id != segments[0].data_id) return nullptr;
  return join_segments(files_, segments, std::move(inline_bytes), std::move(pin));
}

S3Result<LocalStore::OpenRecord> LocalStore::open_record(const std::string& bucket, const std::string& key) {
  RETURN_IF_ERROR(check_key(key));
  constexpr int kAttemptsMax = 100;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    ASSIGN_OR_RETURN(ObjectRecord record, get_record(bucket, key));
    ASSIGN_OR_RETURN(auto data, open_data(bucket, record));
    if (data) return OpenRecord{std::move(record), std::move(data)};
  }
  return fail(S3Error::from(Error::corruption("object data is missing: " + bucket + "/" + key)));
}

S3Result<OpenObject> LocalStore::open_object(const std::string& bucket, const std::string& key) {
  ASSIGN_OR_RETURN(OpenRecord open, open_record(bucket, key));
  return OpenObject{
      {std::move(open.record.info), std::move(open.record.metadata), std::move(open.record.parts)},
      std::move(open.data)};
}

S3Result<void> LocalStore::delete_object(const std::string& bucket, const std::string& key,
                                         const std::optional<std::string>& if_match) {
  RETURN_IF_ERROR(check_key(key));
  std::vector<std::string> gone;
  {
    const std::shared_lock buckets_lock(buckets_mutex_);
    const std::scoped_lock lock(key_lock(bucket, key));
    RETURN_IF_ERROR(require_bucket(bucket));
    ASSIGN_OR_RETURN(const std::optional<ObjectRecord> old, find_record(bucket, key));
    if (!old) {
      if (if_match) return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "If-Match"));
      return {};
    }
    if (if_match && !etag_matches(*if_match, old->info.etag)) {
      return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "If-Match"));
    }
    Batch batch;
    batch.erase(object_row(bucket, key));
    erase_segments(old->segments, &batch);
    RETURN_IF_ERROR(write(batch));
    gone = file_ids(old->segments);
  }
  files_->remove(gone);
  return {};
}

S3Result<void> LocalStore::set_object_tags(const std::string& bucket, const std::string& key,
                                           NamedValues tags) {
  RETURN_IF_ERROR(check_key(key));
  const std::shared_lock buckets_lock(buckets_mutex_);
  const std::scoped_lock lock(key_lock(bucket, key));
  RETURN_IF_ERROR(require_bucket(bucket));
  ASSIGN_OR_RETURN(std::optional<ObjectRecord> record, find_record(bucket, key));
  if (!record) return no_such_key(key);
  record->metadata.tags = std::move(tags);
  Batch batch;
  batch.put(object_row(bucket, key), encode(*record));
  return write(batch);
}

S3Result<LocalStore::OpenRecord> LocalStore::open_source(const CopySource& source) {
  ASSIGN_OR_RETURN(OpenRecord open, open_record(source.bucket, source.key));
  if (source.etag && !etag_matches(*source.etag, open.record.info.etag)) {
    return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "x-amz-copy-source-If-Match"));
  }
  return open;
}

S3Result<StoredData> LocalStore::share_data(const OpenRecord& source, std::uint64_t offset,
                                            std::uint64_t size) {
  StoredData stored;
  const auto shared = [&]() -> S3Result<void> {
    std::uint64_t start = 0;  // of the segment, in the object
    for (const Segment& segment : source.record.segments) {
      const std::uint64_t begin = std::max(start, offset);
      const std::uint64_t end = std::min(start + segment.size, offset + size);
      const std::uint64_t inside = begin - start;
      start += segment.size;
      if (begin >= end) continue;
      if (!segment.is_inline) {
        if (auto id = files_->link(segment.data_id)) {
          stored.rows.put(file_row(*id), {});
          stored.segments.push_back({std::move(*id), false, segment.offset + inside, end - begin});
          continue;
        }
      }
      // Inline bytes; or the source's name has just gone, or has too many links: its bytes are still open.
      DataSink sink(files_, random_, {ChecksumAlgorithm::kNone, false});
      RETURN_IF_ERROR(copy_bytes(*source.data, begin, end - begin,
                                 [&](std::string_view bytes) { return sink.write(bytes); }));
      ASSIGN_OR_RETURN(StoredData copied, sink.finish());
      std::move(copied.segments.begin(), copied.segments.end(), std::back_inserter(stored.segments));
      std::move(copied.rows.rows.begin(), copied.rows.rows.end(), std::back_inserter(stored.rows.rows));
    }
    return {};
  }();
  if (!shared) {
    files_->remove(stored.file_ids());
    return fail(shared.error());
  }
  return stored;
}

S3Result<ObjectInfo> LocalStore::copy_object(const CopySource& source, const std::string& bucket,
                                             const std::string& key, const CopyRequest& request) {
  RETURN_IF_ERROR(check_key(key));
  ASSIGN_OR_RETURN(const OpenRecord open, open_source(source));
  const ObjectInfo& old = open.record.info;
  if (old.size > kPutSizeMax) {
    return fail(S3Error::of(S3Code::kInvalidRequest,
                            "The specified copy source is larger than the maximum allowable size for a copy "
                            "source: " +
                                std::to_string(kPutSizeMax)));
  }
  ObjectRecord record;
  record.metadata = request.metadata.value_or(open.record.metadata);
  record.info.key = key;
  record.info.size = old.size;
  record.info.storage_class = record.metadata.storage_class;
  record.info.etag = old.etag;
  record.info.checksum = old.checksum;
  ChecksumAlgorithm algorithm = request.checksum;
  if (algorithm == ChecksumAlgorithm::kNone) algorithm = old.checksum.algorithm;
  if (algorithm == ChecksumAlgorithm::kNone) algorithm = ChecksumAlgorithm::kCrc64Nvme;
  if (old.multipart || algorithm != old.checksum.algorithm) {
    ASSIGN_OR_RETURN(auto digests, digest_file(*open.data, old.size, algorithm));
    record.info.etag = to_hex(digests.first);
    record.info.checksum = std::move(digests.second);
  }
  ASSIGN_OR_RETURN(StoredData stored, share_data(open, 0, old.size));
  record.segments = std::move(stored.segments);
  return commit_object(bucket, std::move(record), std::move(stored.rows), request.conditions);
}

S3Result<PartInfo> LocalStore::copy_part(
    const CopySource& source, std::optional<std::pair<std::uint64_t, std::uint64_t>> offset_and_size,
    const std::string& bucket, const std::string& key, const std::string& upload_id, int number) {
  ASSIGN_OR_RETURN(const UploadRecord upload, get_upload(bucket, key, upload_id));
  ASSIGN_OR_RETURN(const OpenRecord open, open_source(source));
  const std::uint64_t whole = open.record.info.size;
  const auto [offset, size] = offset_and_size.value_or(std::pair<std::uint64_t, std::uint64_t>{0, whole});
  if (offset > whole || size > whole - offset) {
    return fail(
        S3Error::of(S3Code::kInvalidArgument,
                    "Range specified is not valid for source object of size: " + std::to_string(whole)));
  }
  if (size > kPutSizeMax) {
    return fail(S3Error::of(S3Code::kInvalidRequest,
                            "The specified copy source is larger than the maximum "
                            "allowable size for a copy source."));
  }
  ChecksumAlgorithm algorithm = upload.info.checksum;
  if (algorithm == ChecksumAlgorithm::kNone) algorithm = ChecksumAlgorithm::kCrc64Nvme;
  PartRecord record;
  record.info.number = number;
  record.info.size = size;
  Digest md5(DigestAlgorithm::kMd5);
  ChecksumState checksum(algorithm);
  RETURN_IF_ERROR(copy_bytes(*open.data, offset, size, [&](std::string_view bytes) -> S3Result<void> {
    md5.update(bytes);
    checksum.update(bytes);
    return {};
  }));
  record.info.etag = to_hex(md5.finish());
  record.info.checksum = {algorithm, ChecksumType::kFullObject, checksum.finish(), 0};
  ASSIGN_OR_RETURN(StoredData stored, share_data(open, offset, size));
  record.segments = std::move(stored.segments);
  return commit_part(bucket, key, upload_id, std::move(record), std::move(stored.rows));
}

}  // namespace tidemark::s3emu

// Multipart uploads.
#include <map>

#include "base/bytes.h"
#include "s3emu/store/checks.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {
namespace {

// How long a finished upload answers a repeated Complete.
constexpr std::int64_t kFinishedKeptSeconds = 24 * 3600;

auto no_such_upload(const std::string& upload_id) {
  return fail(S3Error::of(S3Code::kNoSuchUpload).with("UploadId", upload_id));
}

S3Error invalid_part(const std::string& upload_id, const CompletedPart& part) {
  return S3Error::of(S3Code::kInvalidPart)
      .with("UploadId", upload_id)
      .with("PartNumber", std::to_string(part.number))
      .with("ETag", part.etag);
}

// The upload ids that we make; anything else names no upload and must not reach a row key.
bool is_upload_id(std::string_view id) {
  return id.size() == 48 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

S3Result<void> check_part(const UploadInfo& upload, const CompletedPart& asked, const PartRecord& part,
                          bool is_last) {
  if (part.info.etag != asked.etag) return fail(invalid_part(upload.id, asked));
  if (!is_last && part.info.size < kPartSizeMin) {
    return fail(S3Error::of(S3Code::kEntityTooSmall)
                    .with("ProposedSize", std::to_string(part.info.size))
                    .with("MinSizeAllowed", std::to_string(kPartSizeMin))
                    .with("PartNumber", std::to_string(asked.number))
                    .with("ETag", asked.etag));
  }
  if (asked.checksum) {
    const Checksum& stored = part.info.checksum;
    if (stored.algorithm != asked.checksum_algorithm || stored.value != *asked.checksum) {
      return fail(invalid_part(upload.id, asked));
    }
  } else if (upload.checksum != ChecksumAlgorithm::kNone &&
             upload.checksum_type == ChecksumType::kComposite) {
    return fail(S3Error::of(S3Code::kInvalidRequest,
                            "The upload was created using a " + std::string(algorithm_name(upload.checksum)) +
                                " checksum. The complete request must include the checksum for each part. It "
                                "was missing for part " +
                                std::to_string(asked.number) + " in the request."));
  }
  return {};
}

// Tells the lists of parts apart that an upload may be finished with.
std::string digest_of_list(const std::vector<CompletedPart>& parts) {
  Digest digest(DigestAlgorithm::kSha256);
  for (const CompletedPart& part : parts) {
    digest.update(std::to_string(part.number) + ':' + std::to_string(part.etag.size()) + ':' + part.etag);
  }
  return digest.finish();
}

// What goes into the checksum of the whole: that of the declared algorithm, else CRC64NVME.
std::string checksum_for_whole(const UploadInfo& upload, const PartRecord& part) {
  const Checksum& sent = part.info.checksum;
  const bool is_usable = upload.checksum != ChecksumAlgorithm::kNone
                             ? sent.algorithm == upload.checksum
                             : sent.algorithm == ChecksumAlgorithm::kCrc64Nvme;
  return is_usable ? sent.value : part.crc64nvme;
}

// What the checksums of the parts make of the whole; kNone when one is missing.
Checksum combine(const UploadInfo& upload, const std::vector<ObjectPart>& parts) {
  for (const ObjectPart& part : parts) {
    if (part.checksum.empty()) return {};
  }
  Checksum out;
  out.algorithm = upload.checksum;
  out.type = upload.checksum_type;
  if (upload.checksum == ChecksumAlgorithm::kNone) {
    out.algorithm = ChecksumAlgorithm::kCrc64Nvme;
    out.type = ChecksumType::kFullObject;
  }
  if (out.type == ChecksumType::kComposite) {
    ChecksumState state(out.algorithm);
    for (const ObjectPart& part : parts) state.update(part.checksum);
    out.value = state.finish();
    out.parts_count = static_cast<std::uint32_t>(parts.size());
    return out;
  }
  out.value = parts.front().checksum;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    out.value = combine_crc(out.algorithm, out.value, parts[i].checksum, parts[i].size);
  }
  return out;
}

S3Result<void> check_whole(const UploadInfo& upload, const CompleteRequest& request,
                           const ObjectInfo& object) {
  if (request.checksum_type && upload.checksum != ChecksumAlgorithm::kNone &&
      *request.checksum_type != upload.checksum_type) {
    return fail(S3Error::of(S3Code::kInvalidRequest,
                            "The upload was created using the " +
                                std::string(type_name(upload.checksum_type)) +
                                " checksum mode. The complete request must use the same checksum mode."));
  }
  if (request.object_size && *request.object_size != object.size) {
    return fail(S3Error::of(S3Code::kInvalidRequest,
                            "The provided 'x-amz-mp-object-size' header value " +
                                std::to_string(*request.object_size) +
                                " does not match what was computed: " + std::to_string(object.size)));
  }
  if (request.checksum && upload.checksum != ChecksumAlgorithm::kNone &&
      *request.checksum != object.checksum.value) {
    return fail(checksum_mismatch(upload.checksum));
  }
  return {};
}

}  // namespace

PartWriter::PartWriter(ObjectStore& store, std::string bucket, std::string key, std::string upload_id,
                       int number, std::unique_ptr<DataSink> sink)
    : store_(store),
      bucket_(std::move(bucket)),
      key_(std::move(key)),
      upload_id_(std::move(upload_id)),
      number_(number),
      sink_(std::move(sink)) {}

S3Result<PartInfo> PartWriter::commit(const ExpectedDigests& expected) {
  sink_->digests();
  RETURN_IF_ERROR(sink_->verify(expected));
  PartRecord record;
  record.info = {number_, sink_->size(), to_hex(sink_->md5()), {}, sink_->checksum()};
  ASSIGN_OR_RETURN(StoredData stored, sink_->finish());
  record.segments = std::move(stored.segments);
  record.crc64nvme = sink_->crc64nvme();
  return store_.commit_part(bucket_, key_, upload_id_, std::move(record), std::move(stored.rows));
}

S3Result<std::string> ObjectStore::create_upload(const std::string& bucket, const std::string& key,
                                                 ObjectMetadata metadata, ChecksumAlgorithm checksum,
                                                 ChecksumType checksum_type) {
  RETURN_IF_ERROR(check_key(key));
  UploadRecord record;
  record.info.initiated = now();
  record.info.storage_class = metadata.storage_class;
  record.info.owner = metadata.owner;
  record.info.checksum = checksum;
  record.info.checksum_type = checksum_type;
  const ObjectLock locked = metadata.lock;
  record.metadata = std::move(metadata);
  // The time in front makes ids of one key sort by initiation.
  std::string id;
  append_u64_be(&id, static_cast<std::uint64_t>(clock_.now().micros));
  id = to_hex(id) + random_.hex(32);
  Batch batch;
  batch.put(upload_row(bucket, key, id), encode(record));
  const std::shared_lock gate(buckets_gate_);
  ASSIGN_OR_RETURN(const BucketPtr state, this->bucket(bucket));
  RETURN_IF_ERROR(check_lock(state->info, locked));
  RETURN_IF_ERROR(write(batch));
  return id;
}

Result<void> ObjectStore::forget_old_uploads(const std::stop_token& stop) {
  constexpr std::size_t kAtOnceMax = 1000;
  const Timestamp horizon = clock_.forgetting_time().plus_seconds(-kFinishedKeptSeconds);
  const auto cursor = db_->cursor(finished_row({}));
  do {
    Batch batch;
    for (; cursor->valid() && batch.rows.size() < kAtOnceMax; cursor->next()) {
      const auto finished = decode_finished(cursor->value());
      if (!finished || finished->finished < horizon) batch.erase(std::string(cursor->key()));
    }
    RETURN_IF_ERROR(cursor->status());
    if (batch.rows.empty()) break;
    if (const auto written = write(batch); !written) return fail(Error::io(written.error().message));
  } while (!stop.stop_requested());
  return {};
}

S3Result<UploadRecord> ObjectStore::get_upload(const std::string& bucket, const std::string& key,
                                               const std::string& upload_id) {
  RETURN_IF_ERROR(this->bucket(bucket));
  if (!is_upload_id(upload_id) || !check_key(key)) return no_such_upload(upload_id);
  const auto row = db_->get(upload_row(bucket, key, upload_id));
  if (!row) return fail(S3Error::from(row.error()));
  if (!row->has_value()) return no_such_upload(upload_id);
  auto record = decode_upload(key, upload_id, **row);
  if (!record) return fail(S3Error::from(record.error()));
  return std::move(*record);
}

S3Result<UploadInfo> ObjectStore::head_upload(const std::string& bucket, const std::string& key,
                                              const std::string& upload_id) {
  ASSIGN_OR_RETURN(UploadRecord record, get_upload(bucket, key, upload_id));
  record.info.headers = std::move(record.metadata.headers);
  return std::move(record.info);
}

S3Result<std::unique_ptr<PartWriter>> ObjectStore::put_part(const std::string& bucket, const std::string& key,
                                                            const std::string& upload_id, int number,
                                                            const WriterOptions& options) {
  if (number < 1 || number > kPartNumberMax) {
    return fail(bad_part_number().with("ArgumentValue", std::to_string(number)));
  }
  RETURN_IF_ERROR(get_upload(bucket, key, upload_id));
  return std::make_unique<PartWriter>(*this, bucket, key, upload_id, number,
                                      std::make_unique<DataSink>(files_, random_, options));
}

S3Result<PartInfo> ObjectStore::commit_part(const std::string& bucket, const std::string& key,
                                            const std::string& upload_id, PartRecord record, Batch rows) {
  std::vector<std::string> gone;
  const auto committed = [&]() -> S3Result<void> {
    const std::scoped_lock lock(upload_lock(upload_id));
    const std::shared_lock gate(buckets_gate_);
    // The upload, and with it the bucket, may have gone while the bytes came in.
    RETURN_IF_ERROR(get_upload(bucket, key, upload_id));
    const std::string row = part_row(upload_id, record.info.number);
    const auto old_value = db_->get(row);
    if (!old_value) return fail(S3Error::from(old_value.error()));
    if (old_value->has_value()) {
      const auto old = decode_part(record.info.number, **old_value);
      if (!old) return fail(S3Error::from(old.error()));
      erase_segments(old->segments, &rows);
      gone = file_ids(old->segments);
    }
    record.info.last_modified = now();
    rows.put(row, encode(record));
    return write(rows);
  }();
  if (!committed) {
    if (committed.error().status < 500) files_->remove(file_ids(record.segments));
    return fail(committed.error());
  }
  files_->remove(gone);
  return record.info;
}

S3Result<std::vector<PartRecord>> ObjectStore::read_parts(const std::string& upload_id) {
  std::vector<PartRecord> parts;
  const std::string prefix = parts_prefix(upload_id);
  const auto cursor = db_->cursor(prefix);
  for (; cursor->valid(); cursor->next()) {
    const int number = read_u16_be(cursor->key().data() + prefix.size());
    auto part = decode_part(number, cursor->value());
    if (!part) return fail(S3Error::from(part.error()));
    parts.push_back(std::move(*part));
  }
  if (auto status = cursor->status(); !status) return fail(S3Error::from(status.error()));
  return parts;
}

S3Result<ListPartsResult> ObjectStore::list_parts(const std::string& bucket, const std::string& key,
                                                  const std::string& upload_id, int marker,
                                                  std::size_t parts_max) {
  ASSIGN_OR_RETURN(UploadRecord upload, get_upload(bucket, key, upload_id));
  ListPartsResult result;
  result.upload = std::move(upload.info);
  const std::string prefix = parts_prefix(upload_id);
  const auto cursor = db_->cursor(prefix);
  cursor->seek(part_row(upload_id, marker + 1));
  for (; cursor->valid() && result.parts.size() < parts_max; cursor->next()) {
    const int number = read_u16_be(cursor->key().data() + prefix.size());
    auto part = decode_part(number, cursor->value());
    if (!part) return fail(S3Error::from(part.error()));
    result.parts.push_back(std::move(part->info));
  }
  result.truncated = parts_max > 0 && cursor->valid();
  if (auto status = cursor->status(); !status) return fail(S3Error::from(status.error()));
  return result;
}

S3Result<ObjectRecord> ObjectStore::assemble(const UploadRecord& upload, const std::vector<PartRecord>& parts,
                                             const CompleteRequest& request,
                                             std::vector<Segment>* dropped) const {
  std::map<int, const PartRecord*> by_number;
  for (const PartRecord& part : parts) by_number.emplace(part.info.number, &part);
  ObjectRecord record;
  record.info.key = upload.info.key;
  record.info.storage_class = upload.info.storage_class;
  record.info.multipart = true;
  record.metadata = upload.metadata;
  std::string digests;
  for (std::size_t i = 1; i < request.parts.size(); ++i) {
    if (request.parts[i].number <= request.parts[i - 1].number) {
      return fail(S3Error::of(S3Code::kInvalidPartOrder).with("UploadId", upload.info.id));
    }
  }
  for (const CompletedPart& asked : request.parts) {
    const auto found = by_number.find(asked.number);
    if (found == by_number.end()) return fail(invalid_part(upload.info.id, asked));
    const PartRecord& part = *found->second;
    RETURN_IF_ERROR(check_part(upload.info, asked, part, &asked == &request.parts.back()));
    digests += from_hex(part.info.etag).value_or("");
    record.info.size += part.info.size;
    record.parts.push_back({part.info.size, checksum_for_whole(upload.info, part)});
    record.segments.insert(record.segments.end(), part.segments.begin(), part.segments.end());
    by_number.erase(found);
  }
  if (record.parts.empty()) return fail(S3Error::of(S3Code::kMalformedXml));
  if (record.info.size > kObjectSizeMax) return fail(S3Error::of(S3Code::kEntityTooLarge));
  record.info.etag =
      to_hex(digest_of(DigestAlgorithm::kMd5, digests)) + "-" + std::to_string(record.parts.size());
  record.info.checksum = combine(upload.info, record.parts);
  RETURN_IF_ERROR(check_whole(upload.info, request, record.info));
  for (const auto& [number, part] : by_number) {
    dropped->insert(dropped->end(), part->segments.begin(), part->segments.end());
  }
  return record;
}

S3Result<ObjectInfo> ObjectStore::finished_upload(const std::string& bucket, const std::string& key,
                                                  const std::string& upload_id, const std::string& parts) {
  if (!is_upload_id(upload_id)) return no_such_upload(upload_id);
  const auto row = db_->get(finished_row(upload_id));
  if (!row) return fail(S3Error::from(row.error()));
  if (!row->has_value()) return no_such_upload(upload_id);
  auto finished = decode_finished(**row);
  if (!finished) return fail(S3Error::from(finished.error()));
  const bool is_old = finished->finished < now().plus_seconds(-kFinishedKeptSeconds);
  if (!finished->parts.empty() && finished->parts != parts) return no_such_upload(upload_id);
  if (is_old || finished->bucket != bucket || finished->info.key != key) return no_such_upload(upload_id);
  return std::move(finished->info);
}

S3Result<ObjectInfo> ObjectStore::complete_upload(const std::string& bucket, const std::string& key,
                                                  const std::string& upload_id,
                                                  const CompleteRequest& request, EventOrigin origin) {
  std::vector<Segment> dropped;
  const std::string listed = digest_of_list(request.parts);
  auto completed = [&]() -> S3Result<ObjectInfo> {
    const std::scoped_lock lock(upload_lock(upload_id));
    const auto upload = get_upload(bucket, key, upload_id);
    if (!upload && upload.error().id == S3Code::kNoSuchUpload) {
      return finished_upload(bucket, key, upload_id, listed);
    }
    if (!upload) return fail(upload.error());
    ASSIGN_OR_RETURN(const auto parts, read_parts(upload_id));
    ASSIGN_OR_RETURN(ObjectRecord record, assemble(*upload, parts, request, &dropped));
    Batch batch;
    batch.erase(upload_row(bucket, key, upload_id));
    for (const PartRecord& part : parts) batch.erase(part_row(upload_id, part.info.number));
    erase_segments(dropped, &batch);
    return commit_object(bucket, std::move(record), std::move(batch), request.conditions,
                         {.rows_own_data = false,
                          .finished_upload = upload_id,
                          .finished_parts = listed,
                          .origin = std::move(origin)});
  }();
  if (completed) files_->remove(file_ids(dropped));
  return completed;
}

S3Result<void> ObjectStore::abort_upload(const std::string& bucket, const std::string& key,
                                         const std::string& upload_id) {
  std::vector<std::vector<std::string>> gone;
  {
    const std::scoped_lock lock(upload_lock(upload_id));
    RETURN_IF_ERROR(get_upload(bucket, key, upload_id));
    ASSIGN_OR_RETURN(const auto parts, read_parts(upload_id));
    Batch batch;
    batch.erase(upload_row(bucket, key, upload_id));
    for (const PartRecord& part : parts) {
      batch.erase(part_row(upload_id, part.info.number));
      erase_segments(part.segments, &batch);
      gone.push_back(file_ids(part.segments));
    }
    RETURN_IF_ERROR(write(batch));
  }
  for (const auto& ids : gone) files_->remove(ids);
  return {};
}

}  // namespace tidemark::s3emu

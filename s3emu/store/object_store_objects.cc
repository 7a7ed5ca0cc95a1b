// Objects: put, read, change what is said about them. Deletions are in object_store_delete.cc.
#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "base/log.h"
#include "s3emu/store/checks.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {
namespace {

auto no_such_key(const std::string& key) { return fail(S3Error::of(S3Code::kNoSuchKey).with("Key", key)); }

// Opens the data files of one object, checked against their sums.
struct DataReader {
  std::shared_ptr<DataFiles> files;
  std::string bucket;
  std::string key;

  // Errors: kNotFound when nothing is known of the id any more; kCorruption when the file should be there.
  Result<std::shared_ptr<const File>> open(const Rows& rows, const std::string& id,
                                           DataFiles::Reader progress) const {
    auto file = files->open_file(id, progress);
    if (!file && file.error().code != ErrorCode::kNotFound) return file;
    ASSIGN_OR_RETURN(const auto row, rows.get(file_row(id)));
    if (!row) return fail(Error::not_found("object data is gone: " + id));
    if (!file) return fail(damaged(id, 0, "missing"));
    ASSIGN_OR_RETURN(auto sums, decode_block_sums(*row));
    if (!sums) return file;
    return verified_file(std::move(*file), std::move(*sums), [self = *this, id](std::uint64_t offset) {
      return self.damaged(id, offset, "other bytes than were written");
    });
  }

  [[nodiscard]] Error damaged(const std::string& id, std::uint64_t offset, std::string_view what) const {
    log::error(
        "object data is damaged",
        {{"bucket", bucket}, {"key", key}, {"file", files->path(id)}, {"offset", offset}, {"what", what}});
    return Error::corruption("object data is damaged: " + files->path(id));
  }
};

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

}  // namespace

ObjectWriter::ObjectWriter(ObjectStore& store, const Bucket& bucket, std::string key,
                           std::unique_ptr<DataSink> sink)
    : store_(store),
      bucket_(bucket.info.name),
      bucket_identity_(bucket.identity),
      key_(std::move(key)),
      sink_(std::move(sink)) {}

S3Result<ObjectInfo> ObjectWriter::commit(ObjectMetadata metadata, const WriteConditions& conditions,
                                          const ExpectedDigests& expected, EventOrigin origin) {
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
  return store_.commit_object(bucket_, std::move(record), std::move(stored.rows), conditions,
                              {.bucket = bucket_identity_, .origin = std::move(origin)});
}

S3Result<std::unique_ptr<ObjectWriter>> ObjectStore::put_object(const std::string& bucket,
                                                                const std::string& key,
                                                                const WriterOptions& options) {
  RETURN_IF_ERROR(check_key(key));
  ASSIGN_OR_RETURN(const BucketPtr state, this->bucket(bucket));
  return std::make_unique<ObjectWriter>(*this, *state, key,
                                        std::make_unique<DataSink>(files_, random_, options));
}

S3Result<ObjectInfo> ObjectStore::commit_object(const std::string& bucket, ObjectRecord record, Batch rows,
                                                const WriteConditions& conditions,
                                                const CommitOptions& options) {
  const std::string key = record.info.key;
  GoneFiles gone;
  PendingEvents events(events_, options.origin);
  const auto committed = [&]() -> S3Result<void> {
    const std::shared_lock gate(buckets_gate_);
    const std::scoped_lock lock(key_lock(bucket, key));
    ASSIGN_OR_RETURN(const BucketPtr state, this->bucket(bucket));
    if (options.bucket != 0 && options.bucket != state->identity) {
      // The caller may write to the one that went, not to the one that came.
      return fail(S3Error::of(S3Code::kNoSuchBucket).with("BucketName", bucket));
    }
    RETURN_IF_ERROR(check_lock(state->info, record.metadata.lock));
    if (!options.finished_upload.empty()) {
      // It may have gone with its bucket, and the bucket be back.
      RETURN_IF_ERROR(get_upload(bucket, key, options.finished_upload));
    }
    ASSIGN_OR_RETURN(const std::optional<ObjectRecord> old, find_current(*db_, bucket, key));
    RETURN_IF_ERROR(check_conditions(conditions, old, key));
    RETURN_IF_ERROR(write_version(*state, &record, old, options, std::move(rows), &gone));
    if (events.is_heard()) events.add(created_event(state, record, options));
    return {};
  }();
  if (!committed) {
    // After a failed write nobody knows whether the row is there: the next start sweeps the data if not.
    // Without space it was not even begun.
    const S3Error& error = committed.error();
    const bool is_known = error.status < 500 || error.id == S3Code::kServiceUnavailable;
    if (options.rows_own_data && is_known) files_->remove(file_ids(record.segments));
    return fail(committed.error());
  }
  events.tell();
  remove_files(gone);
  return record.info;
}

ObjectEvent ObjectStore::created_event(const BucketPtr& bucket, const ObjectRecord& record,
                                       const CommitOptions& options) const {
  ObjectEvent event;
  event.name = !options.finished_upload.empty() ? "ObjectCreated:CompleteMultipartUpload"
               : options.is_copy                ? "ObjectCreated:Copy"
               : options.origin.is_form_post    ? "ObjectCreated:Post"
                                                : "ObjectCreated:Put";
  event.bucket = bucket;
  event.key = record.info.key;
  event.size = record.info.size;
  event.etag = record.info.etag;
  event.version_id = record.info.version_id;
  event.time = record.info.last_modified;
  return event;
}

S3Result<void> ObjectStore::write_version(const Bucket& bucket, ObjectRecord* record,
                                          const std::optional<ObjectRecord>& old,
                                          const CommitOptions& options, Batch rows, GoneFiles* gone) {
  const std::string& name = bucket.info.name;
  const std::string& key = record->info.key;
  record->info.last_modified = now();
  record->info.owner = record->metadata.owner;
  const bool has_versions = bucket.info.versioning != Versioning::kNever;
  std::unique_ptr<Edit> edit;
  if (has_versions) {
    edit = db_->edit();
    ASSIGN_OR_RETURN(const std::uint64_t newest,
                     retire_current(*edit, bucket.info.versioning, name, key, old, gone));
    record->version = new_version(bucket.info.versioning, newest);
    record->info.version_id = version_id(record->version);
  } else if (old) {
    erase_segments(old->segments, &rows);
    gone->push_back(file_ids(old->segments));
  }
  rows.put(object_row(name, key), encode(*record));
  if (!options.finished_upload.empty()) {
    rows.put(finished_row(options.finished_upload),
             encode(FinishedRecord{name, record->version, record->info.last_modified, record->info,
                                   options.finished_parts}));
  }
  if (!has_versions) return write(rows);
  edit->add(rows);
  return write(*edit);
}

VersionStamp ObjectStore::new_version(Versioning versioning, std::uint64_t newest) {
  VersionStamp version;
  version.sequence = std::max(static_cast<std::uint64_t>(clock_.now().micros), newest + 1);
  version.is_stored = true;
  if (versioning == Versioning::kEnabled) {
    append_u64_be(&version.random, random_.next());
    append_u64_be(&version.random, random_.next());
  }
  return version;
}

S3Result<ObjectRecord> ObjectStore::get_record(const Rows& rows, const Bucket& bucket, const std::string& key,
                                               const VersionChoice& version, std::string* row) const {
  ASSIGN_OR_RETURN(const auto wanted, parse_choice(version));
  const std::string& name = bucket.info.name;
  const bool has_versions = bucket.info.versioning != Versioning::kNever;
  std::optional<ObjectRecord> record;
  if (wanted) {
    ASSIGN_OR_RETURN(auto found, find_version(rows, name, key, *wanted));
    if (!found) return fail(S3Error::of(S3Code::kNoSuchVersion).with("Key", key).with("VersionId", *version));
    if (found->record.info.is_delete_marker) return fail(is_delete_marker(found->record));
    record = std::move(found->record);
    if (row != nullptr) *row = std::move(found->row);
  } else {
    ASSIGN_OR_RETURN(record, find_current(rows, name, key));
    if (!record && has_versions) {
      ASSIGN_OR_RETURN(const auto marker, find_newest_noncurrent(rows, name, key));
      if (marker && marker->record.info.is_delete_marker) return fail(hidden_by_marker(marker->record));
    }
    if (!record) return no_such_key(key);
    if (row != nullptr) *row = object_row(name, key);
  }
  if (has_versions) record->info.version_id = version_id(record->version);
  return std::move(*record);
}

S3Result<ObjectRecord> ObjectStore::get_record(const std::string& bucket, const std::string& key,
                                               const VersionChoice& version) {
  RETURN_IF_ERROR(check_key(key));
  ASSIGN_OR_RETURN(const BucketPtr state, this->bucket(bucket));
  // A version may move between rows while it is searched.
  if (version) return get_record(*db_->snapshot(), *state, key, version);
  return get_record(*db_, *state, key, version);
}

S3Result<ObjectDetails> ObjectStore::head_object(const std::string& bucket, const std::string& key,
                                                 const VersionChoice& version) {
  ASSIGN_OR_RETURN(ObjectRecord record, get_record(bucket, key, version));
  return ObjectDetails{std::move(record.info), std::move(record.metadata), std::move(record.parts)};
}

S3Result<std::shared_ptr<const File>> ObjectStore::open_data(const std::string& bucket,
                                                             const ObjectRecord& record) {
  const std::vector<Segment>& segments = record.segments;
  if (segments.empty()) return memory_file({});
  const std::vector<std::string> ids = file_ids(segments);
  const DataReader reader{files_, bucket, record.info.key};
  if (segments.size() == 1 && !ids.empty() && segments[0].offset == 0) {
    auto file = reader.open(*db_, ids[0], DataFiles::Reader::kBegins);
    if (!file && file.error().code == ErrorCode::kNotFound) return nullptr;
    if (!file) return fail(S3Error::from(file.error()));
    if ((*file)->size() == segments[0].size) return std::move(*file);
  }
  std::shared_ptr<const void> pin;
  if (!ids.empty()) pin = files_->pin(ids.front());
  std::vector<std::string> inline_bytes;
  for (const Segment& segment : segments) {
    if (!segment.is_inline) continue;
    auto row = db_->get(inline_row(segment.data_id));
    if (!row) return fail(S3Error::from(row.error()));
    if (!row->has_value()) return nullptr;
    inline_bytes.push_back(std::move(**row));
  }
  if (ids.empty() && segments.size() == 1) return memory_file(std::move(inline_bytes[0]));
  // Files are opened when they are read; their rows may have gone by then.
  std::shared_ptr<const Rows> rows = db_->snapshot();
  if (!ids.empty()) {
    // The pin counts only if the files were still in use when it was taken.
    const auto row = rows->get(file_row(ids.front()));
    if (!row) return fail(S3Error::from(row.error()));
    if (!row->has_value()) return nullptr;
  }
  const auto open = [reader, rows](const std::string& id) {
    return reader.open(*rows, id, DataFiles::Reader::kGoesOn);
  };
  return join_segments(open, segments, std::move(inline_bytes), std::move(pin));
}

S3Result<ObjectStore::OpenRecord> ObjectStore::open_record(const std::string& bucket, const std::string& key,
                                                           const VersionChoice& version) {
  constexpr int kAttemptsMax = 100;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    ASSIGN_OR_RETURN(ObjectRecord record, get_record(bucket, key, version));
    ASSIGN_OR_RETURN(auto data, open_data(bucket, record));
    if (data) return OpenRecord{std::move(record), std::move(data)};
  }
  return fail(S3Error::from(Error::corruption("object data is missing: " + bucket + "/" + key)));
}

S3Result<OpenObject> ObjectStore::open_object(const std::string& bucket, const std::string& key,
                                              const VersionChoice& version) {
  ASSIGN_OR_RETURN(OpenRecord open, open_record(bucket, key, version));
  return OpenObject{
      {std::move(open.record.info), std::move(open.record.metadata), std::move(open.record.parts)},
      std::move(open.data)};
}

S3Result<ObjectInfo> ObjectStore::change_object(
    const std::string& bucket, const std::string& key, const VersionChoice& version,
    const std::function<S3Result<void>(const Bucket&, ObjectRecord&)>& change, const std::string& event_name,
    const EventOrigin& origin) {
  RETURN_IF_ERROR(check_key(key));
  PendingEvents events(events_, origin);
  ObjectRecord record;
  {
    const std::shared_lock gate(buckets_gate_);
    const std::scoped_lock lock(key_lock(bucket, key));
    ASSIGN_OR_RETURN(const BucketPtr state, this->bucket(bucket));
    std::string row;
    ASSIGN_OR_RETURN(record, get_record(*db_, *state, key, version, &row));
    RETURN_IF_ERROR(change(*state, record));
    Batch batch;
    batch.put(std::move(row), encode(record));
    RETURN_IF_ERROR(write(batch));
    if (events.is_heard() && !event_name.empty()) {
      ObjectEvent event = created_event(state, record, {});
      event.name = event_name;
      event.time = now();
      events.add(std::move(event));
    }
  }
  events.tell();
  return std::move(record.info);
}

S3Result<ObjectInfo> ObjectStore::set_object_tags(const std::string& bucket, const std::string& key,
                                                  NamedValues tags, const VersionChoice& version,
                                                  const EventOrigin& origin) {
  const auto change = [&](const Bucket&, ObjectRecord& record) -> S3Result<void> {
    record.metadata.tags = std::move(tags);
    return {};
  };
  return change_object(bucket, key, version, change,
                       origin.is_tag_removal ? "ObjectTagging:Delete" : "ObjectTagging:Put", origin);
}

S3Result<ObjectInfo> ObjectStore::set_object_acl(const std::string& bucket, const std::string& key,
                                                 std::string acl, const VersionChoice& version,
                                                 const EventOrigin& origin) {
  const auto change = [&](const Bucket&, ObjectRecord& record) -> S3Result<void> {
    record.metadata.acl = std::move(acl);
    return {};
  };
  return change_object(bucket, key, version, change, "ObjectAcl:Put", origin);
}

S3Result<ObjectInfo> ObjectStore::set_object_retention(const std::string& bucket, const std::string& key,
                                                       LockMode mode, Timestamp retain_until,
                                                       bool bypass_governance, const VersionChoice& version) {
  if (mode == LockMode::kNone) retain_until = {};
  return change_object(bucket, key, version,
                       [&](const Bucket& state, ObjectRecord& record) -> S3Result<void> {
                         if (!state.info.object_lock) return fail(no_object_lock());
                         ObjectLock& lock = record.metadata.lock;
                         const bool in_force = lock.mode != LockMode::kNone && lock.retain_until > now();
                         const bool weaker = mode != lock.mode || retain_until < lock.retain_until;
                         const bool bypassed = lock.mode == LockMode::kGovernance && bypass_governance;
                         if (in_force && weaker && !bypassed) return fail(protected_by_lock());
                         lock.mode = mode;
                         lock.retain_until = retain_until;
                         return {};
                       });
}

S3Result<ObjectInfo> ObjectStore::set_object_legal_hold(const std::string& bucket, const std::string& key,
                                                        bool legal_hold, const VersionChoice& version) {
  return change_object(bucket, key, version,
                       [&](const Bucket& state, ObjectRecord& record) -> S3Result<void> {
                         if (!state.info.object_lock) return fail(no_object_lock());
                         record.metadata.lock.legal_hold = legal_hold;
                         return {};
                       });
}

}  // namespace tidemark::s3emu

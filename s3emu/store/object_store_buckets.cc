// Buckets: all of them are in memory, each change goes to disk first.
#include "s3emu/store/checks.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {
namespace {

auto no_such_bucket(const std::string& name) {
  return fail(S3Error::of(S3Code::kNoSuchBucket).with("BucketName", name));
}

}  // namespace

Result<void> ObjectStore::start_buckets() {
  const auto cursor = db_->cursor(bucket_row({}));
  for (; cursor->valid(); cursor->next()) {
    std::string name(cursor->key().substr(1));
    Bucket bucket;
    ASSIGN_OR_RETURN(bucket.info, decode_bucket(name, cursor->value()));
    const std::string prefix = settings_prefix(name);
    const auto setting = db_->cursor(prefix);
    for (; setting->valid(); setting->next()) {
      bucket.settings.emplace(setting->key().substr(prefix.size()), setting->value());
    }
    RETURN_IF_ERROR(setting->status());
    bucket.revision = bucket.identity = ++last_revision_;
    buckets_.emplace(std::move(name), std::make_shared<const Bucket>(std::move(bucket)));
  }
  return cursor->status();
}

S3Result<std::shared_ptr<const Bucket>> ObjectStore::bucket(const std::string& name) {
  const std::shared_lock lock(buckets_mutex_);
  const auto found = buckets_.find(name);
  if (found == buckets_.end()) return no_such_bucket(name);
  return found->second;
}

std::vector<BucketInfo> ObjectStore::list_buckets() {
  const std::shared_lock lock(buckets_mutex_);
  std::vector<BucketInfo> out;
  out.reserve(buckets_.size());
  for (const auto& [name, bucket] : buckets_) out.push_back(bucket->info);
  return out;
}

S3Result<void> ObjectStore::create_bucket(const std::string& name, const NewBucket& request) {
  RETURN_IF_ERROR(check_bucket_name(name));
  const std::unique_lock gate(buckets_gate_);
  if (const auto existing = this->bucket(name)) {
    const bool is_own = (*existing)->info.owner.id == request.owner.id;
    return fail(S3Error::of(is_own ? S3Code::kBucketAlreadyOwnedByYou : S3Code::kBucketAlreadyExists)
                    .with("BucketName", name));
  }
  Bucket bucket;
  bucket.info = {name, request.region, now(), request.owner, Versioning::kNever, request.object_lock};
  if (request.object_lock) bucket.info.versioning = Versioning::kEnabled;
  bucket.settings = request.settings;
  bucket.revision = bucket.identity = ++last_revision_;
  Batch batch;
  batch.put(bucket_row(name), encode(bucket.info));
  for (const auto& [setting, value] : bucket.settings) batch.put(setting_row(name, setting), value);
  RETURN_IF_ERROR(write(batch));
  const std::unique_lock lock(buckets_mutex_);
  buckets_.emplace(name, std::make_shared<const Bucket>(std::move(bucket)));
  return {};
}

S3Result<void> ObjectStore::delete_bucket(const std::string& name) {
  GoneFiles gone;
  {
    const std::unique_lock gate(buckets_gate_);
    ASSIGN_OR_RETURN(const BucketPtr bucket, this->bucket(name));
    for (const std::string& prefix : {objects_prefix(name), versions_prefix(name)}) {
      const auto rows = db_->cursor(prefix);
      if (rows->valid()) return fail(S3Error::of(S3Code::kBucketNotEmpty).with("BucketName", name));
      if (auto status = rows->status(); !status) return fail(S3Error::from(status.error()));
    }
    Batch batch;
    batch.erase(bucket_row(name));
    for (const auto& [setting, value] : bucket->settings) batch.erase(setting_row(name, setting));
    RETURN_IF_ERROR(erase_uploads(name, &batch, &gone));
    RETURN_IF_ERROR(write(batch));
    const std::unique_lock lock(buckets_mutex_);
    buckets_.erase(name);
  }
  remove_files(gone);
  return {};
}

S3Result<void> ObjectStore::erase_uploads(const std::string& name, Batch* batch, GoneFiles* gone) {
  const auto uploads = db_->cursor(uploads_prefix(name));
  for (; uploads->valid(); uploads->next()) {
    const std::string_view row = uploads->key();
    batch->erase(std::string(row));
    const std::string upload_id(row.substr(row.rfind('\0') + 1));
    ASSIGN_OR_RETURN(const auto parts, read_parts(upload_id));
    for (const PartRecord& part : parts) {
      batch->erase(part_row(upload_id, part.info.number));
      erase_segments(part.segments, batch);
      gone->push_back(file_ids(part.segments));
    }
  }
  if (auto status = uploads->status(); !status) return fail(S3Error::from(status.error()));
  return {};
}

S3Result<void> ObjectStore::discard_bucket(const std::string& name) {
  ASSIGN_OR_RETURN(const BucketPtr discarded, bucket(name));
  for (bool is_last = false; !is_last;) {
    GoneFiles gone;
    {
      const std::unique_lock gate(buckets_gate_);
      const auto now = bucket(name);
      // Somebody else was faster, and this one is new.
      if (!now || (*now)->identity != discarded->identity) return {};
      ASSIGN_OR_RETURN(is_last, discard_some(**now, &gone));
    }
    remove_files(gone);
  }
  return {};
}

S3Result<bool> ObjectStore::discard_some(const Bucket& bucket, GoneFiles* gone) {
  constexpr std::size_t kVersionsAtOnce = 1'000;
  const std::string& name = bucket.info.name;
  Batch batch;
  std::size_t count = 0;
  for (const std::string& prefix : {objects_prefix(name), versions_prefix(name)}) {
    const auto rows = db_->cursor(prefix);
    for (; rows->valid() && count < kVersionsAtOnce; rows->next(), ++count) {
      // Behind the key, with a sequence behind that in rows of versions, which nobody needs here.
      const auto record = decode_object({}, rows->value());
      if (!record) return fail(S3Error::from(record.error()));
      batch.erase(std::string(rows->key()));
      erase_segments(record->segments, &batch);
      gone->push_back(file_ids(record->segments));
    }
    if (auto status = rows->status(); !status) return fail(S3Error::from(status.error()));
  }
  const bool is_last = count < kVersionsAtOnce;
  if (is_last) {
    const auto nulls = db_->cursor(null_row(name, {}));
    for (; nulls->valid(); nulls->next()) batch.erase(std::string(nulls->key()));
    if (auto status = nulls->status(); !status) return fail(S3Error::from(status.error()));
    RETURN_IF_ERROR(erase_uploads(name, &batch, gone));
    batch.erase(bucket_row(name));
    for (const auto& [setting, value] : bucket.settings) batch.erase(setting_row(name, setting));
  }
  RETURN_IF_ERROR(write(batch));
  if (is_last) {
    const std::unique_lock lock(buckets_mutex_);
    buckets_.erase(name);
  }
  return is_last;
}

S3Result<void> ObjectStore::change_bucket(const std::string& name,
                                          const std::function<S3Result<void>(Bucket&, Batch*)>& change) {
  const std::unique_lock gate(buckets_gate_);
  ASSIGN_OR_RETURN(const BucketPtr before, this->bucket(name));
  Bucket bucket = *before;
  Batch batch;
  RETURN_IF_ERROR(change(bucket, &batch));
  if (batch.rows.empty()) return {};
  RETURN_IF_ERROR(write(batch));
  bucket.revision = ++last_revision_;
  const std::unique_lock lock(buckets_mutex_);
  buckets_[name] = std::make_shared<const Bucket>(std::move(bucket));
  return {};
}

S3Result<void> ObjectStore::set_bucket_setting(const std::string& bucket, const std::string& name,
                                               std::optional<std::string> value) {
  return change_bucket(bucket, [&](Bucket& changed, Batch* batch) -> S3Result<void> {
    if (value) {
      batch->put(setting_row(bucket, name), *value);
      changed.settings[name] = std::move(*value);
    } else if (changed.settings.erase(name) > 0) {
      batch->erase(setting_row(bucket, name));
    }
    return {};
  });
}

S3Result<void> ObjectStore::set_versioning(const std::string& bucket, Versioning state) {
  return change_bucket(bucket, [&](Bucket& changed, Batch* batch) -> S3Result<void> {
    if (state == Versioning::kNever) return fail(S3Error::of(S3Code::kInvalidArgument));
    if (changed.info.object_lock && state != Versioning::kEnabled) {
      return fail(S3Error::of(S3Code::kInvalidBucketState,
                              "An Object Lock configuration is present on this bucket, so the versioning "
                              "state cannot be changed."));
    }
    if (changed.info.versioning == state) return {};
    changed.info.versioning = state;
    batch->put(bucket_row(bucket), encode(changed.info));
    return {};
  });
}

S3Result<void> ObjectStore::enable_object_lock(const std::string& bucket) {
  return change_bucket(bucket, [&](Bucket& changed, Batch* batch) -> S3Result<void> {
    if (changed.info.versioning != Versioning::kEnabled) {
      return fail(S3Error::of(S3Code::kInvalidBucketState,
                              "Versioning must be 'Enabled' on the bucket to apply a Object Lock "
                              "configuration"));
    }
    if (changed.info.object_lock) return {};
    changed.info.object_lock = true;
    batch->put(bucket_row(bucket), encode(changed.info));
    return {};
  });
}

}  // namespace tidemark::s3emu

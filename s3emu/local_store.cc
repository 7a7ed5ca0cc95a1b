#include "s3emu/local_store.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/log.h"

namespace tidemark::s3emu {

Result<std::unique_ptr<ObjectStore>> ObjectStore::open(const std::string& directory, const Options& options,
                                                       Clock& clock, Random& random) {
  RETURN_IF_ERROR(options.files->create_directories(directory));
  ASSIGN_OR_RETURN(auto files, DataFiles::open(directory + "/data", *options.files, options.sync, random));
  ASSIGN_OR_RETURN(auto db, MetadataDb::open(directory + "/meta", options.sync));
  auto store = std::make_unique<LocalStore>(std::move(db), std::move(files), clock, random);
  RETURN_IF_ERROR(store->start());
  return store;
}

Result<void> LocalStore::start() {
  const auto cursor = db_->cursor(bucket_row({}));
  for (; cursor->valid(); cursor->next()) {
    std::string name(cursor->key().substr(1));
    ASSIGN_OR_RETURN(BucketInfo bucket, decode_bucket(name, cursor->value()));
    buckets_.emplace(std::move(name), std::move(bucket));
  }
  RETURN_IF_ERROR(cursor->status());
  sweeper_ = std::jthread([this](const std::stop_token& stop) {
    files_->sweep(stop, [this](const std::string& id) {
      const auto row = db_->get(file_row(id));
      return !row || row->has_value();  // in doubt, keep
    });
  });
  return {};
}

S3Result<void> LocalStore::require_bucket(const std::string& name) const {
  if (buckets_.contains(name)) return {};
  return fail(S3Error::of(S3Code::kNoSuchBucket).with("BucketName", name));
}

S3Result<void> LocalStore::write(const Batch& batch) {
  if (auto written = db_->write(batch); !written) return fail(S3Error::from(written.error()));
  return {};
}

std::mutex& LocalStore::key_lock(const std::string& bucket, const std::string& key) {
  return key_locks_[std::hash<std::string>{}(object_row(bucket, key)) % key_locks_.size()];
}

std::mutex& LocalStore::upload_lock(const std::string& upload_id) {
  return upload_locks_[std::hash<std::string>{}(upload_id) % upload_locks_.size()];
}

S3Result<void> LocalStore::create_bucket(const std::string& name, const std::string& region) {
  RETURN_IF_ERROR(check_bucket_name(name));
  const std::unique_lock lock(buckets_mutex_);
  if (buckets_.contains(name)) {
    return fail(S3Error::of(S3Code::kBucketAlreadyOwnedByYou).with("BucketName", name));
  }
  BucketInfo bucket{name, region, now()};
  Batch batch;
  batch.put(bucket_row(name), encode(bucket));
  RETURN_IF_ERROR(write(batch));
  buckets_.emplace(name, std::move(bucket));
  return {};
}

S3Result<void> LocalStore::delete_bucket(const std::string& name) {
  std::vector<std::vector<std::string>> files;
  {
    const std::unique_lock lock(buckets_mutex_);
    RETURN_IF_ERROR(require_bucket(name));
    const auto objects = db_->cursor(objects_prefix(name));
    if (objects->valid()) return fail(S3Error::of(S3Code::kBucketNotEmpty).with("BucketName", name));
    if (auto status = objects->status(); !status) return fail(S3Error::from(status.error()));

    Batch batch;
    batch.erase(bucket_row(name));
    const auto uploads = db_->cursor(uploads_prefix(name));
    for (; uploads->valid(); uploads->next()) {
      const std::string_view row = uploads->key();
      batch.erase(std::string(row));
      const std::string upload_id(row.substr(row.rfind('\0') + 1));
      ASSIGN_OR_RETURN(const auto parts, read_parts(upload_id));
      for (const PartRecord& part : parts) {
        batch.erase(part_row(upload_id, part.info.number));
        erase_segments(part.segments, &batch);
        files.push_back(file_ids(part.segments));
      }
    }
    if (auto status = uploads->status(); !status) return fail(S3Error::from(status.error()));
    RETURN_IF_ERROR(write(batch));
    buckets_.erase(name);
  }
  for (const auto& ids : files) files_->remove(ids);
  return {};
}

S3Result<BucketInfo> LocalStore::head_bucket(const std::string& name) {
  const std::shared_lock lock(buckets_mutex_);
  RETURN_IF_ERROR(require_bucket(name));
  return buckets_.find(name)->second;
}

std::vector<BucketInfo> LocalStore::list_buckets() {
  const std::shared_lock lock(buckets_mutex_);
  std::vector<BucketInfo> out;
  out.reserve(buckets_.size());
  for (const auto& [name, bucket] : buckets_) out.push_back(bucket);
  return out;
}

S3Result<ObjectInfo> put_bytes(ObjectStore& store, const std::string& bucket, const std::string& key,
                               std::string_view bytes, ObjectMetadata metadata,
                               const WriteConditions& conditions) {
  ASSIGN_OR_RETURN(const auto writer, store.put_object(bucket, key));
  RETURN_IF_ERROR(writer->write(bytes));
  return writer->commit(std::move(metadata), conditions);
}

S3Result<std::string> get_bytes(ObjectStore& store, const std::string& bucket, const std::string& key) {
  ASSIGN_OR_RETURN(const OpenObject object, store.open_object(bucket, key));
  std::string bytes(static_cast<std::size_t>(object.details.info.size), '\0');
  const auto got = object.data->read_at(0, bytes.data(), bytes.size());
  if (!got) return fail(S3Error::from(got.error()));
  if (*got != bytes.size()) return fail(S3Error::from(Error::corruption("object data ends early: " + key)));
  return bytes;
}

}  // namespace tidemark::s3emu

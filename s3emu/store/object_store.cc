#include "s3emu/store/object_store.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "base/bytes.h"
#include "base/log.h"

namespace tidemark::s3emu {
namespace {

constexpr std::chrono::hours kForgetInterval{1};
constexpr int kSweepNice = 0;  // the sooner it is done after a start, the fewer readers make it wait

}  // namespace

Result<std::unique_ptr<ObjectStore>> ObjectStore::open(const std::string& directory, const Options& options,
                                                       Clock& clock, Random& random) {
  RETURN_IF_ERROR(options.files->create_directories(directory));
  ASSIGN_OR_RETURN(auto files, DataFiles::open(directory + "/data", *options.files,
                                               {.sync = options.sync,
                                                .remove_in_background = !options.remove_at_once,
                                                .open_max = options.open_files_max},
                                               random));
  // RocksDB calls a directory that is not there yet an error.
  RETURN_IF_ERROR(options.files->create_directories(directory + "/meta"));
  ASSIGN_OR_RETURN(auto db, MetadataDb::open(directory + "/meta", options.sync));
  std::unique_ptr<ObjectStore> store(
      new ObjectStore(std::move(db), std::move(files), clock, random, options.listener));
  RETURN_IF_ERROR(store->start(options.schedule));
  return store;
}

ObjectStore::~ObjectStore() = default;

Result<void> ObjectStore::start(Schedule* schedule) {
  RETURN_IF_ERROR(start_buckets());
  sweeper_.emplace("object sweep", kSweepNice, [this](const std::stop_token& stop) { sweep(stop); });
  sweeper_->wake();
  if (schedule == nullptr) return {};
  forgetting_ = schedule->every(kForgetInterval, "finished uploads", [this] { sweeper_->wake(); },
                                {.settled = [this](const auto& stop) { sweeper_->drain(stop); }});
  return {};
}

void ObjectStore::sweep(const std::stop_token& stop) {
  if (const auto forgotten = forget_old_uploads(stop); !forgotten) {
    log::warn("finished uploads not forgotten", {{"error", forgotten.error().message}});
  }
  // What an earlier process left behind is looked for until all of it is gone.
  if (leftovers_swept_) return;
  if (auto swept = sweep_parts(); !swept) {
    log::warn("parts without an upload not removed", {{"error", swept.error().message}});
  }
  leftovers_swept_ = files_->sweep(stop, [this](const std::string& id) {
    const auto row = db_->get(file_row(id));
    return !row || row->has_value();  // in doubt, keep
  });
}

Result<void> ObjectStore::sweep_parts() {
  const auto rows = db_->snapshot();
  std::set<std::string> uploads;
  const auto upload = rows->cursor(uploads_family());
  for (; upload->valid(); upload->next()) {
    uploads.emplace(upload->key().substr(upload->key().rfind('\0') + 1));
  }
  RETURN_IF_ERROR(upload->status());
  const auto part = rows->cursor(parts_family());
  for (; part->valid(); part->next()) {
    const std::string_view row = part->key();
    if (uploads.contains(std::string(upload_id_of_part_row(row)))) continue;
    // Uploads do not come back, so nobody else touches this part.
    ASSIGN_OR_RETURN(const PartRecord record, decode_part(0, part->value()));
    Batch batch;
    batch.erase(std::string(row));
    erase_segments(record.segments, &batch);
    RETURN_IF_ERROR(db_->write(batch));
    files_->remove(file_ids(record.segments));
  }
  return part->status();
}

S3Result<void> ObjectStore::write(const Batch& batch) {
  if (auto written = db_->write(batch); !written) return fail(S3Error::from(written.error()));
  return {};
}

S3Result<void> ObjectStore::write(Edit& edit) {
  if (auto written = db_->write(edit); !written) return fail(S3Error::from(written.error()));
  return {};
}

void ObjectStore::remove_files(const GoneFiles& gone) {
  for (const auto& ids : gone) files_->remove(ids);
}

std::size_t ObjectStore::key_lock_index(const std::string& bucket, const std::string& key) const {
  return std::hash<std::string>{}(object_row(bucket, key)) % key_locks_.size();
}

std::mutex& ObjectStore::key_lock(const std::string& bucket, const std::string& key) {
  return key_locks_[key_lock_index(bucket, key)];
}

std::mutex& ObjectStore::upload_lock(const std::string& upload_id) {
  return upload_locks_[std::hash<std::string>{}(upload_id) % upload_locks_.size()];
}

S3Result<BucketInfo> ObjectStore::head_bucket(const std::string& name) {
  ASSIGN_OR_RETURN(const auto found, bucket(name));
  return found->info;
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

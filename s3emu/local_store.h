// The one ObjectStore: metadata in RocksDB, bytes in files. local_store*.cc implement it by theme.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <shared_mutex>
#include <thread>

#include "s3emu/data_sink.h"

namespace tidemark::s3emu {

class LocalStore final : public ObjectStore {
 public:
  LocalStore(std::unique_ptr<MetadataDb> db, std::shared_ptr<DataFiles> files, Clock& clock, Random& random)
      : db_(std::move(db)), files_(std::move(files)), clock_(clock), random_(random) {}

  // Reads the buckets and starts the removal of unfinished data files.
  Result<void> start();

  S3Result<void> create_bucket(const std::string& name, const std::string& region) override;
  S3Result<void> delete_bucket(const std::string& name) override;
  S3Result<BucketInfo> head_bucket(const std::string& name) override;
  std::vector<BucketInfo> list_buckets() override;

  S3Result<std::unique_ptr<ObjectWriter>> put_object(const std::string& bucket, const std::string& key,
                                                     const WriterOptions& options) override;
  S3Result<ObjectDetails> head_object(const std::string& bucket, const std::string& key) override;
  S3Result<OpenObject> open_object(const std::string& bucket, const std::string& key) override;
  S3Result<void> delete_object(const std::string& bucket, const std::string& key,
                               const std::optional<std::string>& if_match) override;
  S3Result<void> set_object_tags(const std::string& bucket, const std::string& key,
                                 NamedValues tags) override;
  S3Result<ObjectInfo> copy_object(const CopySource& source, const std::string& bucket,
                                   const std::string& key, const CopyRequest& request) override;
  S3Result<ListResult> list_objects(const std::string& bucket, const ListRequest& request) override;

  S3Result<std::string> create_upload(const std::string& bucket, const std::string& key,
                                      ObjectMetadata metadata, ChecksumAlgorithm checksum,
                                      ChecksumType checksum_type) override;
  S3Result<UploadInfo> head_upload(const std::string& bucket, const std::string& key,
                                   const std::string& upload_id) override;
  S3Result<std::unique_ptr<PartWriter>> put_part(const std::string& bucket, const std::string& key,
                                                 const std::string& upload_id, int number,
                                                 const WriterOptions& options) override;
  S3Result<PartInfo> copy_part(const CopySource& source,
                               std::optional<std::pair<std::uint64_t, std::uint64_t>> offset_and_size,
                               const std::string& bucket, const std::string& key,
                               const std::string& upload_id, int number) override;
  S3Result<ListPartsResult> list_parts(const std::string& bucket, const std::string& key,
                                       const std::string& upload_id, int marker,
                                       std::size_t parts_max) override;
  S3Result<ListUploadsResult> list_uploads(const std::string& bucket,
                                           const ListUploadsRequest& request) override;
  S3Result<ObjectInfo> complete_upload(const std::string& bucket, const std::string& key,
                                       const std::string& upload_id, const CompleteRequest& request) override;
  S3Result<void> abort_upload(const std::string& bucket, const std::string& key,
                              const std::string& upload_id) override;

  // For the writers: stores a record whose data is on disk, unless the conditions say no; then, or when the
  // write fails, removes the data. Also writes `rows`. With `rows_own_data` false, the data belongs to rows
  // that stay when the commit does not happen.
  S3Result<ObjectInfo> commit_object(const std::string& bucket, ObjectRecord record, Batch rows,
                                     const WriteConditions& conditions, bool rows_own_data = true);
  S3Result<PartInfo> commit_part(const std::string& bucket, const std::string& key,
                                 const std::string& upload_id, PartRecord record, Batch rows);
  [[nodiscard]] Timestamp now() const { return clock_.now().floor_millis(); }

 private:
  // A record, its bytes and what keeps them.
  struct OpenRecord {
    ObjectRecord record;
    std::shared_ptr<const File> data;
  };

  // Needs buckets_mutex_, shared or not.
  S3Result<void> require_bucket(const std::string& name) const;
  S3Result<std::optional<ObjectRecord>> find_record(const std::string& bucket, const std::string& key);
  S3Result<ObjectRecord> get_record(const std::string& bucket, const std::string& key);
  S3Result<OpenRecord> open_record(const std::string& bucket, const std::string& key);
  // Nothing when the data has gone in the meantime.
  S3Result<std::shared_ptr<const File>> open_data(const std::string& bucket, const ObjectRecord& record);
  S3Result<OpenRecord> open_source(const CopySource& source);
  // Makes a StoredData of its own of [offset, offset + size) of an open object.
  S3Result<StoredData> share_data(const OpenRecord& source, std::uint64_t offset, std::uint64_t size);
  S3Result<UploadRecord> get_upload(const std::string& bucket, const std::string& key,
                                    const std::string& upload_id);
  S3Result<std::vector<PartRecord>> read_parts(const std::string& upload_id);
  S3Result<ObjectRecord> assemble(const UploadRecord& upload, const std::vector<PartRecord>& parts,
                                  const CompleteRequest& request, std::vector<Segment>* dropped) const;
  S3Result<ObjectInfo> finished_upload(const std::string& bucket, const std::string& key,
                                       const std::string& upload_id);
  void forget_old_uploads(Batch* batch);
  S3Result<void> write(const Batch& batch);
  std::mutex& key_lock(const std::string& bucket, const std::string& key);
  std::mutex& upload_lock(const std::string& upload_id);

  const std::unique_ptr<MetadataDb> db_;
  const std::shared_ptr<DataFiles> files_;
  Clock& clock_;
  Random& random_;

  // Lock order: upload lock, buckets_mutex_, key lock. All are held over the commit's fsync: a condition must
  // still hold when the commit lands, and nobody may remove the bucket under it.
  mutable std::shared_mutex buckets_mutex_;
  std::map<std::string, BucketInfo> buckets_;  // guarded by buckets_mutex_
  std::array<std::mutex, 64> key_locks_;       // changes of one object come one after the other
  std::array<std::mutex, 64> upload_locks_;    // also those of one upload

  std::jthread sweeper_;  // last: ends before what it uses
};

// Errors: KeyTooLongError, InvalidArgument, InvalidURI.
S3Result<void> check_key(std::string_view key);
// Whether `etag` satisfies `wanted`, an ETag or `*`.
bool etag_matches(std::string_view wanted, std::string_view etag);

}  // namespace tidemark::s3emu

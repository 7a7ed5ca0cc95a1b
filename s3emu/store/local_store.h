// The one ObjectStore: metadata in RocksDB, bytes in files. local_store*.cc implement it by theme.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <shared_mutex>

#include "base/schedule.h"
#include "base/worker.h"
#include "s3emu/store/data_sink.h"
#include "s3emu/store/object_events.h"
#include "s3emu/store/object_versions.h"

namespace tidemark::s3emu {

// A shared mutex on which those who want it alone get their turn: whoever comes after them waits behind them,
// shared or not. With the standard one a stream of commits could keep them out for good. Not recursive, not
// even when shared.
class FairGate {
 public:
  void lock() {
    const std::scoped_lock turn(turn_);
    gate_.lock();
  }
  void unlock() { gate_.unlock(); }
  void lock_shared() {
    const std::scoped_lock turn(turn_);
    gate_.lock_shared();
  }
  void unlock_shared() { gate_.unlock_shared(); }

 private:
  std::mutex turn_;
  std::shared_mutex gate_;
};

class LocalStore final : public ObjectStore {
 public:
  LocalStore(std::unique_ptr<MetadataDb> db, std::shared_ptr<DataFiles> files, Clock& clock, Random& random,
             ObjectListener listener)
      : db_(std::move(db)),
        files_(std::move(files)),
        clock_(clock),
        random_(random),
        events_(std::move(listener), clock.now()) {}

  // Reads the buckets and starts the removal of unfinished data files.
  // As ObjectStore::Options::schedule.
  Result<void> start(Schedule* schedule);

  [[nodiscard]] bool syncs() const override { return files_->syncs(); }

  S3Result<void> create_bucket(const std::string& name, const NewBucket& request) override;
  S3Result<void> delete_bucket(const std::string& name) override;
  S3Result<std::shared_ptr<const Bucket>> bucket(const std::string& name) override;
  std::vector<BucketInfo> list_buckets() override;
  S3Result<void> set_bucket_setting(const std::string& bucket, const std::string& name,
                                    std::optional<std::string> value) override;
  S3Result<void> set_versioning(const std::string& bucket, Versioning state) override;
  S3Result<void> enable_object_lock(const std::string& bucket) override;

  S3Result<std::unique_ptr<ObjectWriter>> put_object(const std::string& bucket, const std::string& key,
                                                     const WriterOptions& options) override;
  S3Result<ObjectDetails> head_object(const std::string& bucket, const std::string& key,
                                      const VersionChoice& version) override;
  S3Result<OpenObject> open_object(const std::string& bucket, const std::string& key,
                                   const VersionChoice& version) override;
  S3Result<DeleteResult> delete_object(const std::string& bucket, const Deletion& deletion) override;
  S3Result<std::vector<S3Result<DeleteResult>>> delete_objects(
      const std::string& bucket, const std::vector<Deletion>& deletions) override;
  S3Result<ObjectInfo> set_object_tags(const std::string& bucket, const std::string& key, NamedValues tags,
                                       const VersionChoice& version) override;
  S3Result<ObjectInfo> set_object_acl(const std::string& bucket, const std::string& key, std::string acl,
                                      const VersionChoice& version) override;
  S3Result<ObjectInfo> set_object_retention(const std::string& bucket, const std::string& key, LockMode mode,
                                            Timestamp retain_until, bool bypass_governance,
                                            const VersionChoice& version) override;
  S3Result<ObjectInfo> set_object_legal_hold(const std::string& bucket, const std::string& key,
                                             bool legal_hold, const VersionChoice& version) override;
  S3Result<ObjectInfo> copy_object(const CopySource& source, const std::string& bucket,
                                   const std::string& key, const CopyRequest& request) override;
  S3Result<ListResult> list_objects(const std::string& bucket, const ListRequest& request) override;
  S3Result<ListVersionsResult> list_versions(const std::string& bucket,
                                             const ListVersionsRequest& request) override;

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

  struct CommitOptions {
    // With false, the data belongs to rows that stay when the commit does not happen.
    bool rows_own_data = true;
    // The id of the upload that is finished with this commit; empty: none.
    std::string finished_upload = {};
    std::string finished_parts = {};  // FinishedRecord::parts
    bool is_copy = false;
    std::uint64_t bucket = 0;  // the identity that the bucket must have; 0: any
  };
  // For the writers: stores a record whose data is on disk as the newest version, unless the conditions say
  // no; then removes the data. Also writes `rows`.
  S3Result<ObjectInfo> commit_object(const std::string& bucket, ObjectRecord record, Batch rows,
                                     const WriteConditions& conditions, const CommitOptions& options);
  S3Result<PartInfo> commit_part(const std::string& bucket, const std::string& key,
                                 const std::string& upload_id, PartRecord record, Batch rows);
  [[nodiscard]] Timestamp now() const { return clock_.now().floor_millis(); }

 private:
  // A record, its bytes and what keeps them.
  struct OpenRecord {
    ObjectRecord record;
    std::shared_ptr<const File> data;
  };

  using BucketPtr = std::shared_ptr<const Bucket>;

  Result<void> start_buckets();
  // Changes one bucket, in memory when its rows are written.
  S3Result<void> change_bucket(const std::string& name,
                               const std::function<S3Result<void>(Bucket&, Batch*)>& change);
  S3Result<ObjectRecord> get_record(const Rows& rows, const Bucket& bucket, const std::string& key,
                                    const VersionChoice& version, std::string* row = nullptr) const;
  S3Result<ObjectRecord> get_record(const std::string& bucket, const std::string& key,
                                    const VersionChoice& version);
  // Changes what is not data of one version. An empty event name: nobody hears of it.
  S3Result<ObjectInfo> change_object(
      const std::string& bucket, const std::string& key, const VersionChoice& version,
      const std::function<S3Result<void>(const Bucket&, ObjectRecord&)>& change,
      const std::string& event_name = {});
  S3Result<void> write_version(const Bucket& bucket, ObjectRecord* record,
                               const std::optional<ObjectRecord>& old, const CommitOptions& options,
                               Batch rows, GoneFiles* gone);
  S3Result<DeleteResult> delete_in(Edit& edit, const Bucket& bucket, const Deletion& deletion,
                                   GoneFiles* gone);
  S3Result<DeleteResult> hide_in(Edit& edit, const Bucket& bucket, const Deletion& deletion,
                                 const std::optional<ObjectRecord>& current, GoneFiles* gone);
  // Marks a version that is newer than the one of that sequence.
  VersionStamp new_version(Versioning versioning, std::uint64_t newest);
  S3Result<OpenRecord> open_record(const std::string& bucket, const std::string& key,
                                   const VersionChoice& version);
  // Nothing when the data has gone in the meantime.
  S3Result<std::shared_ptr<const File>> open_data(const std::string& bucket, const ObjectRecord& record);
  // A hard link to a data file, with the row that belongs to it; nothing when that cannot be had.
  S3Result<std::optional<std::pair<std::string, std::string>>> link_file(const std::string& id);
  S3Result<OpenRecord> open_source(const CopySource& source);
  // Makes a StoredData of its own of [offset, offset + size) of an open object.
  S3Result<StoredData> share_data(const OpenRecord& source, std::uint64_t offset, std::uint64_t size);
  S3Result<UploadRecord> get_upload(const std::string& bucket, const std::string& key,
                                    const std::string& upload_id);
  S3Result<std::vector<PartRecord>> read_parts(const std::string& upload_id);
  S3Result<ObjectRecord> assemble(const UploadRecord& upload, const std::vector<PartRecord>& parts,
                                  const CompleteRequest& request, std::vector<Segment>* dropped) const;
  // `parts`: as FinishedRecord::parts.
  S3Result<ObjectInfo> finished_upload(const std::string& bucket, const std::string& key,
                                       const std::string& upload_id, const std::string& parts);
  // A background thread: leftovers of a crash once, what has been kept long enough now and then.
  void sweep(const std::stop_token& stop);
  // Removes parts whose upload is gone.
  Result<void> sweep_parts();
  // Finished uploads that need not answer again.
  Result<void> forget_old_uploads(const std::stop_token& stop);
  // What a commit or a deletion is to listeners; nothing to be told of where nothing has changed.
  ObjectEvent created_event(const BucketPtr& bucket, const ObjectRecord& record,
                            const CommitOptions& options) const;
  std::optional<ObjectEvent> deleted_event(const BucketPtr& bucket, const Deletion& deletion,
                                           const DeleteResult& result) const;
  S3Result<void> write(const Batch& batch);
  S3Result<void> write(Edit& edit);
  void remove_files(const GoneFiles& gone);
  std::vector<std::unique_lock<std::mutex>> lock_keys(const std::string& bucket,
                                                      const std::vector<Deletion>& deletions);
  std::size_t key_lock_index(const std::string& bucket, const std::string& key) const;
  std::mutex& key_lock(const std::string& bucket, const std::string& key);
  std::mutex& upload_lock(const std::string& upload_id);

  const std::unique_ptr<MetadataDb> db_;
  const std::shared_ptr<DataFiles> files_;
  Clock& clock_;
  Random& random_;
  EventOrder events_;

  // Lock order: upload lock, buckets_gate_, key locks by rising index, buckets_mutex_. All but the last are
  // held over the commit's fsync: a condition must still hold when the commit lands, and nobody may remove
  // the bucket or change its versioning under it.
  FairGate buckets_gate_;                     // shared: commits in buckets; exclusive: changes of buckets
  mutable std::shared_mutex buckets_mutex_;   // for moments only
  std::map<std::string, BucketPtr> buckets_;  // guarded by buckets_mutex_; changes need buckets_gate_ too
  std::uint64_t last_revision_ = 0;           // guarded by buckets_gate_
  std::array<std::mutex, 64> key_locks_;      // changes of one object come one after the other
  std::array<std::mutex, 64> upload_locks_;   // also those of one upload

  bool leftovers_swept_ = false;  // the sweeper's
  std::optional<Worker> sweeper_;
  ScheduledTask forgetting_;  // last: ends before the sweeper, as that before what it uses
};

// Errors: KeyTooLongError, InvalidArgument, InvalidURI.
S3Result<void> check_key(std::string_view key);
// Whether an object may have such a lock. Errors: InvalidRequest.
S3Result<void> check_lock(const BucketInfo& bucket, const ObjectLock& lock);
S3Error protected_by_lock();
// Whether `etag` satisfies `wanted`, an ETag or `*`.
bool etag_matches(std::string_view wanted, std::string_view etag);

}  // namespace tidemark::s3emu

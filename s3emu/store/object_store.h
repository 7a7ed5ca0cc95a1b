// Buckets and objects in a directory: what the S3 REST handlers serve and what exports and imports use
// directly.
//
// An object is there whole or not at all: its bytes are on disk before its metadata is committed, and a crash
// in between leaves a file that the next open() removes. Everybody sees a commit as soon as it returns; a
// reader that opened an object before it was overwritten or deleted finishes the old bytes.
//
// ON DISK: `<directory>/meta` is a small RocksDB with all metadata and the objects up to 16 KiB
// (object_records.h has the layout), `<directory>/data/xx/<id>` holds the bytes of larger ones. File names
// are random ids, never made from keys.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/schedule.h"
#include "base/worker.h"
#include "s3emu/store/data_files.h"
#include "s3emu/store/data_sink.h"
#include "s3emu/store/fair_gate.h"
#include "s3emu/store/metadata_db.h"
#include "s3emu/store/object_events.h"
#include "s3emu/store/object_records.h"
#include "s3emu/store/object_types.h"
#include "s3emu/store/object_versions.h"

namespace tidemark::s3emu {

class ObjectStore;

// The bytes of one object on their way in. MD5 and checksum are computed as they come; up to 16 KiB stay in
// memory. Destroying it without commit leaves nothing behind. Not thread-safe; must not outlive the store.
class ObjectWriter {
 public:
  // Made by ObjectStore::put_object().
  ObjectWriter(ObjectStore& store, const Bucket& bucket, std::string key, std::unique_ptr<DataSink> sink);

  // Errors: EntityTooLarge beyond kPutSizeMax, InternalError, ServiceUnavailable on a full disk.
  S3Result<void> write(std::string_view bytes) { return sink_->write(bytes); }
  [[nodiscard]] std::uint64_t size() const { return sink_->size(); }
  // Whether commit() would neither wait for the disk nor write more than a few kilobytes.
  [[nodiscard]] bool is_quick() const { return sink_->is_quick(); }
  // Makes the object visible and, with Options::sync, durable. Call once, last.
  // Errors: BadDigest, XAmzContentSHA256Mismatch, PreconditionFailed, NoSuchKey; NoSuchBucket also when
  // there is another bucket of that name by now; InvalidRequest for a lock in a bucket without object lock.
  S3Result<ObjectInfo> commit(ObjectMetadata metadata, const WriteConditions& conditions = {},
                              const ExpectedDigests& expected = {}, EventOrigin origin = {});

 private:
  ObjectStore& store_;
  const std::string bucket_;
  const std::uint64_t bucket_identity_;
  const std::string key_;
  const std::unique_ptr<DataSink> sink_;
};

// As ObjectWriter, for a part of an upload.
class PartWriter {
 public:
  // Made by ObjectStore::put_part().
  PartWriter(ObjectStore& store, std::string bucket, std::string key, std::string upload_id, int number,
             std::unique_ptr<DataSink> sink);

  S3Result<void> write(std::string_view bytes) { return sink_->write(bytes); }
  [[nodiscard]] std::uint64_t size() const { return sink_->size(); }
  // Errors: BadDigest, XAmzContentSHA256Mismatch, NoSuchUpload.
  S3Result<PartInfo> commit(const ExpectedDigests& expected = {});

 private:
  ObjectStore& store_;
  const std::string bucket_;
  const std::string key_;
  const std::string upload_id_;
  const int number_;
  const std::unique_ptr<DataSink> sink_;
};

// Thread-safety: all methods may be called concurrently.
class ObjectStore {
 public:
  struct Options {
    bool sync = true;  // a commit survives a power loss
    FileSystem* files = &posix_file_system();
    ObjectListener listener = nullptr;
    // Old uploads are forgotten by it; must outlive the store. Null: only when the store is opened.
    Schedule* schedule = nullptr;
    // Data that is not needed any more is gone when the operation returns, for tests that count files;
    // otherwise a thread removes it soon after.
    bool remove_at_once = false;
    // Uploads and downloads in progress together have so many at most; beyond it SlowDown.
    std::size_t open_files_max = SIZE_MAX;
  };

  // Opens or creates the store. The caller keeps the file system, `clock` and `random` alive.
  // Removes data files that nothing refers to. Errors: kCorruption, kIo, kNoSpace.
  static Result<std::unique_ptr<ObjectStore>> open(const std::string& directory, const Options& options,
                                                   Clock& clock, Random& random);

  ~ObjectStore();
  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;
  // Whether each commit waits for the disk (Options::sync).
  [[nodiscard]] bool syncs() const { return files_->syncs(); }

  // Errors: InvalidBucketName; if it is there, BucketAlreadyOwnedByYou for its owner and BucketAlreadyExists
  // for others.
  S3Result<void> create_bucket(const std::string& name, const NewBucket& request = {});
  // Drops unfinished uploads and the settings. Errors: NoSuchBucket, BucketNotEmpty, also when there are only
  // noncurrent versions or delete markers.
  S3Result<void> delete_bucket(const std::string& name);
  // With everything in it, whatever locks its objects; nobody is told. In steps, between which others go on;
  // the bucket goes with the last one, and what was written to it until then goes along. Errors:
  // NoSuchBucket.
  S3Result<void> discard_bucket(const std::string& name);
  // From memory: for every request. Errors: NoSuchBucket.
  S3Result<std::shared_ptr<const Bucket>> bucket(const std::string& name);
  S3Result<BucketInfo> head_bucket(const std::string& name);
  // Sorted by name.
  std::vector<BucketInfo> list_buckets();
  // Nothing: removes it. Errors: NoSuchBucket.
  S3Result<void> set_bucket_setting(const std::string& bucket, const std::string& name,
                                    std::optional<std::string> value);
  // kEnabled or kSuspended. Errors: NoSuchBucket; InvalidBucketState when object lock forbids suspending.
  S3Result<void> set_versioning(const std::string& bucket, Versioning state);
  // For good. Errors: NoSuchBucket; InvalidBucketState unless versioning is enabled.
  S3Result<void> enable_object_lock(const std::string& bucket);

  // Errors: NoSuchBucket, KeyTooLongError, InvalidArgument, InvalidURI (key not UTF-8).
  S3Result<std::unique_ptr<ObjectWriter>> put_object(const std::string& bucket, const std::string& key,
                                                     const WriterOptions& options = {});
  // Errors: NoSuchBucket, NoSuchKey, those of a VersionChoice.
  S3Result<ObjectDetails> head_object(const std::string& bucket, const std::string& key,
                                      const VersionChoice& version = std::nullopt);
  S3Result<OpenObject> open_object(const std::string& bucket, const std::string& key,
                                   const VersionChoice& version = std::nullopt);
  // Removes a version for good, or, without a version id on a bucket with versioning, hides the key behind a
  // delete marker. What is not there is fine, unless a condition insists. Errors: NoSuchBucket,
  // PreconditionFailed, InvalidArgument (version id); AccessDenied under object lock.
  S3Result<DeleteResult> delete_object(const std::string& bucket, const Deletion& deletion,
                                       const EventOrigin& origin = {});
  // Many at once: one commit. The results are in the order of the deletions, each as of delete_object.
  // Errors: NoSuchBucket, InternalError; then nothing is deleted.
  S3Result<std::vector<S3Result<DeleteResult>>> delete_objects(const std::string& bucket,
                                                               const std::vector<Deletion>& deletions,
                                                               const EventOrigin& origin = {});
  // Each replaces one thing of one version and returns what the version is now.
  // Errors: NoSuchBucket, NoSuchKey, those of a VersionChoice.
  S3Result<ObjectInfo> set_object_tags(const std::string& bucket, const std::string& key, NamedValues tags,
                                       const VersionChoice& version = std::nullopt,
                                       const EventOrigin& origin = {});
  S3Result<ObjectInfo> set_object_acl(const std::string& bucket, const std::string& key, std::string acl,
                                      const VersionChoice& version = std::nullopt,
                                      const EventOrigin& origin = {});
  // kNone takes the retention away. Also: InvalidRequest in a bucket without object lock; AccessDenied for
  // what shortens a retention in force or changes its mode, unless it is of governance and to be bypassed.
  S3Result<ObjectInfo> set_object_retention(const std::string& bucket, const std::string& key, LockMode mode,
                                            Timestamp retain_until, bool bypass_governance,
                                            const VersionChoice& version = std::nullopt);
  // Also: InvalidRequest in a bucket without object lock.
  S3Result<ObjectInfo> set_object_legal_hold(const std::string& bucket, const std::string& key,
                                             bool legal_hold, const VersionChoice& version = std::nullopt);
  // Shares the data files (hard links). A source up to kVerifiedAheadMax is checked for rot (InternalError),
  // a multipart one is read once for the MD5. Errors: as head_object of the source and commit of the target;
  // InvalidRequest when the source is larger than kPutSizeMax.
  S3Result<ObjectInfo> copy_object(const CopySource& source, const std::string& bucket,
                                   const std::string& key, const CopyRequest& request,
                                   EventOrigin origin = {});
  // One page. Errors: NoSuchBucket.
  S3Result<ListResult> list_objects(const std::string& bucket, const ListRequest& request);
  // One page of all versions and delete markers. Errors: NoSuchBucket, InvalidArgument (version id).
  S3Result<ListVersionsResult> list_versions(const std::string& bucket, const ListVersionsRequest& request);

  // Returns the upload id. `checksum` kNone: nothing declared.
  S3Result<std::string> create_upload(const std::string& bucket, const std::string& key,
                                      ObjectMetadata metadata, ChecksumAlgorithm checksum,
                                      ChecksumType checksum_type);
  // Errors of these: NoSuchBucket, NoSuchUpload.
  S3Result<UploadInfo> head_upload(const std::string& bucket, const std::string& key,
                                   const std::string& upload_id);
  // Replaces an earlier part of that number. Also: InvalidArgument (number).
  S3Result<std::unique_ptr<PartWriter>> put_part(const std::string& bucket, const std::string& key,
                                                 const std::string& upload_id, int number,
                                                 const WriterOptions& options = {});
  // `offset` and `size` select from the source, which must have them (InvalidArgument).
  S3Result<PartInfo> copy_part(const CopySource& source,
                               std::optional<std::pair<std::uint64_t, std::uint64_t>> offset_and_size,
                               const std::string& bucket, const std::string& key,
                               const std::string& upload_id, int number);
  // Parts with numbers above `marker`.
  S3Result<ListPartsResult> list_parts(const std::string& bucket, const std::string& key,
                                       const std::string& upload_id, int marker, std::size_t parts_max);
  S3Result<ListUploadsResult> list_uploads(const std::string& bucket, const ListUploadsRequest& request);
  // The object refers to the parts' files; parts not listed are dropped. Repeating it with the id of a
  // finished upload and the same list of parts answers the object again, for a day. Errors: InvalidPart,
  // InvalidPartOrder, EntityTooSmall, InvalidRequest, BadDigest, those of a commit.
  S3Result<ObjectInfo> complete_upload(const std::string& bucket, const std::string& key,
                                       const std::string& upload_id, const CompleteRequest& request,
                                       EventOrigin origin = {});
  S3Result<void> abort_upload(const std::string& bucket, const std::string& key,
                              const std::string& upload_id);

 private:
  friend class ObjectWriter;
  friend class PartWriter;

  ObjectStore(std::unique_ptr<MetadataDb> db, std::shared_ptr<DataFiles> files, Clock& clock, Random& random,
              ObjectListener listener)
      : db_(std::move(db)),
        files_(std::move(files)),
        clock_(clock),
        random_(random),
        events_(std::move(listener), clock.now()) {}

  // Reads the buckets and starts the removal of unfinished data files. `schedule`: see Options.
  Result<void> start(Schedule* schedule);

  struct CommitOptions {
    // With false, the data belongs to rows that stay when the commit does not happen.
    bool rows_own_data = true;
    // The id of the upload that is finished with this commit; empty: none.
    std::string finished_upload = {};
    std::string finished_parts = {};  // FinishedRecord::parts
    bool is_copy = false;
    std::uint64_t bucket = 0;  // the identity that the bucket must have; 0: any
    EventOrigin origin = {};
  };
  // For the writers: stores a record whose data is on disk as the newest version, unless the conditions say
  // no; then removes the data. Also writes `rows`.
  S3Result<ObjectInfo> commit_object(const std::string& bucket, ObjectRecord record, Batch rows,
                                     const WriteConditions& conditions, const CommitOptions& options);
  S3Result<PartInfo> commit_part(const std::string& bucket, const std::string& key,
                                 const std::string& upload_id, PartRecord record, Batch rows);
  [[nodiscard]] Timestamp now() const { return clock_.now().floor_millis(); }

  // A record, its bytes and what keeps them.
  struct OpenRecord {
    ObjectRecord record;
    std::shared_ptr<const File> data;
  };

  using BucketPtr = std::shared_ptr<const Bucket>;

  Result<void> start_buckets();
  // These two need the gate for themselves. What makes unfinished uploads of a bucket go.
  S3Result<void> erase_uploads(const std::string& name, Batch* batch, GoneFiles* gone);
  // A step of discard_bucket(): whether it was the last one.
  S3Result<bool> discard_some(const Bucket& bucket, GoneFiles* gone);
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
      const std::string& event_name = {}, const EventOrigin& origin = {});
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
                                           const DeleteResult& result, const EventOrigin& origin) const;
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

// Puts an object that is in memory.
S3Result<ObjectInfo> put_bytes(ObjectStore& store, const std::string& bucket, const std::string& key,
                               std::string_view bytes, ObjectMetadata metadata = {},
                               const WriteConditions& conditions = {});
// Everything of an object, for small ones.
S3Result<std::string> get_bytes(ObjectStore& store, const std::string& bucket, const std::string& key);

}  // namespace tidemark::s3emu

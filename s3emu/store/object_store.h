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

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "s3emu/s3_error.h"
#include "s3emu/store/checksum.h"

namespace tidemark {
class Schedule;
}  // namespace tidemark

namespace tidemark::s3emu {

using NamedValues = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::uint64_t kPartSizeMin = 5ULL << 20;    // of every part but the last
inline constexpr std::uint64_t kPutSizeMax = 5ULL << 30;     // of one PUT, part or copy
inline constexpr std::uint64_t kObjectSizeMax = 5ULL << 40;  // of a multipart object
inline constexpr std::size_t kInMemorySizeMax = 16 << 10;  // objects up to this size are read without a file
// How much of an object is checked for rot before an answer that promises its bytes begins.
inline constexpr std::uint64_t kVerifiedAheadMax = 64ULL << 20;
inline constexpr int kPartNumberMax = 10000;
inline constexpr std::size_t kKeySizeMax = 1024;

// Whose something is.
struct ObjectOwner {
  std::string id;  // canonical user id; empty: the server's one owner
  std::string display_name;

  bool operator==(const ObjectOwner&) const = default;
};

// ON DISK: the numbers are stored. A bucket never goes back to kNever.
enum class Versioning : std::uint8_t { kNever = 0, kEnabled = 1, kSuspended = 2 };

struct BucketInfo {
  std::string name;
  std::string region;
  Timestamp created;
  ObjectOwner owner = {};
  Versioning versioning = Versioning::kNever;
  bool object_lock = false;
};

// What the operations on bucket settings store, by a name they choose (`cors`, `policy`, ...). Opaque here.
using BucketSettings = std::map<std::string, std::string, std::less<>>;

// A bucket as it was when it was asked for.
struct Bucket {
  BucketInfo info;
  BucketSettings settings;
  std::uint64_t revision = 0;  // of this process; another one after each change of info or settings
  std::uint64_t identity = 0;  // of this process; another one when it was deleted and made again

  // Nothing when it was never set.
  [[nodiscard]] const std::string* setting(std::string_view name) const {
    const auto found = settings.find(name);
    return found == settings.end() ? nullptr : &found->second;
  }
};

struct NewBucket {
  std::string region = {};
  ObjectOwner owner = {};
  bool object_lock = false;  // also turns versioning on
  BucketSettings settings = {};
};

// ON DISK: the numbers are stored.
enum class LockMode : std::uint8_t { kNone = 0, kGovernance = 1, kCompliance = 2 };

// What keeps a version from being deleted.
struct ObjectLock {
  LockMode mode = LockMode::kNone;
  Timestamp retain_until = {};  // with a mode
  bool legal_hold = false;

  bool operator==(const ObjectLock&) const = default;
};

// What the client says about an object and gets back word for word, and whose it is.
struct ObjectMetadata {
  // Lower-case names: content-type, cache-control, content-disposition, content-encoding, content-language,
  // expires, x-amz-website-redirect-location, x-amz-server-side-encryption* and x-amz-meta-*.
  NamedValues headers;
  NamedValues tags;
  std::string storage_class;  // empty: STANDARD
  ObjectOwner owner = {};
  std::string acl = {};  // opaque here; empty: private to the owner
  ObjectLock lock = {};  // needs a bucket with object lock
};

struct ObjectPart {
  std::uint64_t size = 0;
  std::string checksum;  // raw, of the object's algorithm; empty when the parts were not sent with one
};

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;  // without quotes
  Timestamp last_modified;
  std::string storage_class;  // empty: STANDARD
  Checksum checksum;
  bool multipart = false;
  ObjectOwner owner = {};
  // Empty on buckets that never had versioning, where answers carry no version id.
  std::string version_id = {};
  bool is_delete_marker = false;  // only in listings of versions and in events
};

// Which version of a key: its id, `null` for the one without an id; nothing: the current one.
// Errors of all operations that take one: InvalidArgument for what is no version id; for a current version
// that is a delete marker NoSuchKey, with an id NoSuchVersion if there is none of that id and
// MethodNotAllowed for a delete marker, all with the headers S3 sends along.
using VersionChoice = std::optional<std::string>;

struct ObjectDetails {
  ObjectInfo info;
  ObjectMetadata metadata;
  std::vector<ObjectPart> parts;  // of a multipart object, in order
};

// An object with its bytes. `data` is as long as `info.size`, may be read from several threads and outlive
// the object and the store. read_at() checks what it reads against the sums taken when the bytes came in
// (block_sums.h): rot is an error, kCorruption, about which the log says more. Do not read past it through
// descriptor().
struct OpenObject {
  ObjectDetails details;
  std::shared_ptr<const File> data;
};

// Decided atomically with the commit; a delete marker counts as absent. Both unset: always.
struct WriteConditions {
  bool if_absent = false;  // If-None-Match: *, else PreconditionFailed
  std::optional<std::string>
      if_match;  // an ETag without quotes, or `*`: PreconditionFailed, NoSuchKey if absent
};

// Digests the sender announced, raw; a different one fails the commit with BadDigest or
// XAmzContentSHA256Mismatch, and nothing is stored.
struct ExpectedDigests {
  std::optional<std::string> md5;
  std::optional<std::string> payload_sha256;  // needs WriterOptions.payload_sha256
  std::optional<std::string> checksum;        // of WriterOptions.checksum
};

struct WriterOptions {
  ChecksumAlgorithm checksum = ChecksumAlgorithm::kCrc64Nvme;
  bool payload_sha256 = false;
  bool also_crc64nvme = false;  // beside another checksum: of parts of uploads that declared none
};

struct PartInfo {
  int number = 0;
  std::uint64_t size = 0;
  std::string etag;  // without quotes
  Timestamp last_modified;
  Checksum checksum;
};

// The bytes of one object or part on their way in. MD5 and checksum are computed as they come; up to 16 KiB
// stay in memory. Destroying it without commit leaves nothing behind. Not thread-safe; must not outlive the
// store.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  // Errors: EntityTooLarge beyond kPutSizeMax, InternalError, ServiceUnavailable on a full disk.
  virtual S3Result<void> write(std::string_view bytes) = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Whether commit() would neither wait for the disk nor write more than a few kilobytes.
  [[nodiscard]] virtual bool is_quick() const = 0;
  // Makes the object visible and, with Options::sync, durable. Call once, last.
  // Errors: BadDigest, XAmzContentSHA256Mismatch, PreconditionFailed, NoSuchKey; NoSuchBucket also when
  // there is another bucket of that name by now; InvalidRequest for a lock in a bucket without object lock.
  virtual S3Result<ObjectInfo> commit(ObjectMetadata metadata, const WriteConditions& conditions = {},
                                      const ExpectedDigests& expected = {}) = 0;
};

class PartWriter {
 public:
  virtual ~PartWriter() = default;
  virtual S3Result<void> write(std::string_view bytes) = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Errors: BadDigest, XAmzContentSHA256Mismatch, NoSuchUpload.
  virtual S3Result<PartInfo> commit(const ExpectedDigests& expected = {}) = 0;
};

// Bytewise order of keys. Keys whose rest behind `prefix` contains `delimiter` become one common prefix.
struct ListRequest {
  std::string prefix;
  std::string delimiter;         // empty: no grouping
  std::string start_after;       // exclusive, need not exist; the group it names, if any, is skipped whole
  std::size_t items_max = 1000;  // keys and common prefixes together
};

struct ListResult {
  std::vector<ObjectInfo> objects;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next;  // last key or common prefix returned: the start_after of the next page
};

struct ListVersionsRequest {
  std::string prefix = {};
  std::string delimiter = {};
  std::string key_marker = {};  // exclusive unless version_marker is set
  // Exclusive, within key_marker: what is older. Should it be gone, nothing that is left is missed.
  VersionChoice version_marker = std::nullopt;
  std::size_t items_max = 1000;
};

struct ListedVersion {
  ObjectInfo info;  // its version id is `null` also on buckets that never had versioning
  bool is_latest = false;
};

// Key ascending, newest first.
struct ListVersionsResult {
  std::vector<ListedVersion> versions;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key;
  std::string next_version;  // empty behind a common prefix
};

struct Deletion {
  std::string key;
  VersionChoice version = std::nullopt;
  std::optional<std::string> if_match = std::nullopt;   // an ETag without quotes, or `*`
  std::optional<Timestamp> if_modified = std::nullopt;  // what was last modified then, also a delete marker
  std::optional<Timestamp> if_modified_second = std::nullopt;  // the same, of a client: full seconds count
  std::optional<std::uint64_t> if_size = std::nullopt;         // an object of that size
  bool bypass_governance = false;
  ObjectOwner owner = {};  // of the delete marker
};

struct ObjectEvent;
// Hears of what has happened to objects; see object_events.h.
using ObjectListener = std::function<void(const ObjectEvent& event)>;

struct DeleteResult {
  // The delete marker made, or the version asked for; empty when no answer should carry one.
  std::string version_id;
  bool delete_marker = false;  // made, or it was one that is gone for good
  bool removed = false;        // a version is gone for good
};

struct UploadInfo {
  std::string key;
  std::string id;
  Timestamp initiated;
  std::string storage_class;
  ObjectOwner owner = {};
  NamedValues headers = {};  // those of ObjectMetadata; lists leave them out
  // kNone: nothing was declared; parts and object then get CRC64NVME.
  ChecksumAlgorithm checksum = ChecksumAlgorithm::kNone;
  ChecksumType checksum_type = ChecksumType::kFullObject;
};

struct ListUploadsRequest {
  std::string prefix;
  std::string delimiter;
  std::string key_marker;  // exclusive unless id_marker is set
  std::string id_marker;   // exclusive, within key_marker
  std::size_t items_max = 1000;
};

struct ListUploadsResult {
  std::vector<UploadInfo> uploads;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key;
  std::string next_id;
};

struct ListPartsResult {
  UploadInfo upload;
  std::vector<PartInfo> parts;
  bool truncated = false;
};

struct CompletedPart {
  int number = 0;
  std::string etag;                     // without quotes
  std::optional<std::string> checksum;  // raw, of `checksum_algorithm`
  ChecksumAlgorithm checksum_algorithm = ChecksumAlgorithm::kNone;
};

struct CompleteRequest {
  std::vector<CompletedPart> parts;
  WriteConditions conditions;
  std::optional<ChecksumType> checksum_type;  // must be the declared one
  std::optional<std::string> checksum;        // raw, of the declared algorithm
  std::optional<std::uint64_t> object_size;
};

// Onto which state of the source a copy insists; failing is PreconditionFailed.
struct CopySource {
  std::string bucket;
  std::string key;
  std::optional<std::string> etag;  // without quotes: the version the caller has looked at
  VersionChoice version = std::nullopt;
};

struct CopyRequest {
  // Nothing: the headers, tags and storage class of the source, but never its owner, ACL or lock.
  std::optional<ObjectMetadata> metadata;
  // kNone: keep the source's algorithm.
  ChecksumAlgorithm checksum = ChecksumAlgorithm::kNone;
  WriteConditions conditions;
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

  virtual ~ObjectStore() = default;
  // Whether each commit waits for the disk (Options::sync).
  [[nodiscard]] virtual bool syncs() const = 0;

  // Errors: InvalidBucketName; if it is there, BucketAlreadyOwnedByYou for its owner and BucketAlreadyExists
  // for others.
  virtual S3Result<void> create_bucket(const std::string& name, const NewBucket& request = {}) = 0;
  // Drops unfinished uploads and the settings. Errors: NoSuchBucket, BucketNotEmpty, also when there are only
  // noncurrent versions or delete markers.
  virtual S3Result<void> delete_bucket(const std::string& name) = 0;
  // From memory: for every request. Errors: NoSuchBucket.
  virtual S3Result<std::shared_ptr<const Bucket>> bucket(const std::string& name) = 0;
  S3Result<BucketInfo> head_bucket(const std::string& name);
  // Sorted by name.
  virtual std::vector<BucketInfo> list_buckets() = 0;
  // Nothing: removes it. Errors: NoSuchBucket.
  virtual S3Result<void> set_bucket_setting(const std::string& bucket, const std::string& name,
                                            std::optional<std::string> value) = 0;
  // kEnabled or kSuspended. Errors: NoSuchBucket; InvalidBucketState when object lock forbids suspending.
  virtual S3Result<void> set_versioning(const std::string& bucket, Versioning state) = 0;
  // For good. Errors: NoSuchBucket; InvalidBucketState unless versioning is enabled.
  virtual S3Result<void> enable_object_lock(const std::string& bucket) = 0;

  // Errors: NoSuchBucket, KeyTooLongError, InvalidArgument, InvalidURI (key not UTF-8).
  virtual S3Result<std::unique_ptr<ObjectWriter>> put_object(const std::string& bucket,
                                                             const std::string& key,
                                                             const WriterOptions& options = {}) = 0;
  // Errors: NoSuchBucket, NoSuchKey, those of a VersionChoice.
  virtual S3Result<ObjectDetails> head_object(const std::string& bucket, const std::string& key,
                                              const VersionChoice& version = std::nullopt) = 0;
  virtual S3Result<OpenObject> open_object(const std::string& bucket, const std::string& key,
                                           const VersionChoice& version = std::nullopt) = 0;
  // Removes a version for good, or, without a version id on a bucket with versioning, hides the key behind a
  // delete marker. What is not there is fine, unless a condition insists. Errors: NoSuchBucket,
  // PreconditionFailed, InvalidArgument (version id); AccessDenied under object lock.
  virtual S3Result<DeleteResult> delete_object(const std::string& bucket, const Deletion& deletion) = 0;
  // Many at once: one commit. The results are in the order of the deletions, each as of delete_object.
  // Errors: NoSuchBucket, InternalError; then nothing is deleted.
  virtual S3Result<std::vector<S3Result<DeleteResult>>> delete_objects(
      const std::string& bucket, const std::vector<Deletion>& deletions) = 0;
  // Each replaces one thing of one version and returns what the version is now.
  // Errors: NoSuchBucket, NoSuchKey, those of a VersionChoice.
  virtual S3Result<ObjectInfo> set_object_tags(const std::string& bucket, const std::string& key,
                                               NamedValues tags,
                                               const VersionChoice& version = std::nullopt) = 0;
  virtual S3Result<ObjectInfo> set_object_acl(const std::string& bucket, const std::string& key,
                                              std::string acl,
                                              const VersionChoice& version = std::nullopt) = 0;
  // kNone takes the retention away. Also: InvalidRequest in a bucket without object lock; AccessDenied for
  // what shortens a retention in force or changes its mode, unless it is of governance and to be bypassed.
  virtual S3Result<ObjectInfo> set_object_retention(const std::string& bucket, const std::string& key,
                                                    LockMode mode, Timestamp retain_until,
                                                    bool bypass_governance,
                                                    const VersionChoice& version = std::nullopt) = 0;
  // Also: InvalidRequest in a bucket without object lock.
  virtual S3Result<ObjectInfo> set_object_legal_hold(const std::string& bucket, const std::string& key,
                                                     bool legal_hold,
                                                     const VersionChoice& version = std::nullopt) = 0;
  // Shares the data files (hard links). A source up to kVerifiedAheadMax is checked for rot (InternalError),
  // a multipart one is read once for the MD5. Errors: as head_object of the source and commit of the target;
  // InvalidRequest when the source is larger than kPutSizeMax.
  virtual S3Result<ObjectInfo> copy_object(const CopySource& source, const std::string& bucket,
                                           const std::string& key, const CopyRequest& request) = 0;
  // One page. Errors: NoSuchBucket.
  virtual S3Result<ListResult> list_objects(const std::string& bucket, const ListRequest& request) = 0;
  // One page of all versions and delete markers. Errors: NoSuchBucket, InvalidArgument (version id).
  virtual S3Result<ListVersionsResult> list_versions(const std::string& bucket,
                                                     const ListVersionsRequest& request) = 0;

  // Returns the upload id. `checksum` kNone: nothing declared.
  virtual S3Result<std::string> create_upload(const std::string& bucket, const std::string& key,
                                              ObjectMetadata metadata, ChecksumAlgorithm checksum,
                                              ChecksumType checksum_type) = 0;
  // Errors of these: NoSuchBucket, NoSuchUpload.
  virtual S3Result<UploadInfo> head_upload(const std::string& bucket, const std::string& key,
                                           const std::string& upload_id) = 0;
  // Replaces an earlier part of that number. Also: InvalidArgument (number).
  virtual S3Result<std::unique_ptr<PartWriter>> put_part(const std::string& bucket, const std::string& key,
                                                         const std::string& upload_id, int number,
                                                         const WriterOptions& options = {}) = 0;
  // `offset` and `size` select from the source, which must have them (InvalidArgument).
  virtual S3Result<PartInfo> copy_part(const CopySource& source,
                                       std::optional<std::pair<std::uint64_t, std::uint64_t>> offset_and_size,
                                       const std::string& bucket, const std::string& key,
                                       const std::string& upload_id, int number) = 0;
  // Parts with numbers above `marker`.
  virtual S3Result<ListPartsResult> list_parts(const std::string& bucket, const std::string& key,
                                               const std::string& upload_id, int marker,
                                               std::size_t parts_max) = 0;
  virtual S3Result<ListUploadsResult> list_uploads(const std::string& bucket,
                                                   const ListUploadsRequest& request) = 0;
  // The object refers to the parts' files; parts not listed are dropped. Repeating it with the id of a
  // finished upload and the same list of parts answers the object again, for a day. Errors: InvalidPart,
  // InvalidPartOrder, EntityTooSmall, InvalidRequest, BadDigest, those of a commit.
  virtual S3Result<ObjectInfo> complete_upload(const std::string& bucket, const std::string& key,
                                               const std::string& upload_id,
                                               const CompleteRequest& request) = 0;
  virtual S3Result<void> abort_upload(const std::string& bucket, const std::string& key,
                                      const std::string& upload_id) = 0;
};

// Puts an object that is in memory.
S3Result<ObjectInfo> put_bytes(ObjectStore& store, const std::string& bucket, const std::string& key,
                               std::string_view bytes, ObjectMetadata metadata = {},
                               const WriteConditions& conditions = {});
// Everything of an object, for small ones.
S3Result<std::string> get_bytes(ObjectStore& store, const std::string& bucket, const std::string& key);

// Errors: InvalidBucketName.
S3Result<void> check_bucket_name(std::string_view name);

}  // namespace tidemark::s3emu

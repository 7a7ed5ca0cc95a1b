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
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "s3emu/checksum.h"
#include "s3emu/s3_error.h"

namespace tidemark::s3emu {

using NamedValues = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::uint64_t kPartSizeMin = 5ULL << 20;    // of every part but the last
inline constexpr std::uint64_t kPutSizeMax = 5ULL << 30;     // of one PUT, part or copy
inline constexpr std::uint64_t kObjectSizeMax = 5ULL << 40;  // of a multipart object
inline constexpr int kPartNumberMax = 10000;
inline constexpr std::size_t kKeySizeMax = 1024;

struct BucketInfo {
  std::string name;
  std::string region;
  Timestamp created;
};

// What the client says about an object and gets back word for word.
struct ObjectMetadata {
  // Lower-case names: content-type, cache-control, content-disposition, content-encoding, content-language,
  // expires, x-amz-website-redirect-location, x-amz-server-side-encryption and x-amz-meta-*.
  NamedValues headers;
  NamedValues tags;
  std::string storage_class;  // empty: STANDARD
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
};

struct ObjectDetails {
  ObjectInfo info;
  ObjectMetadata metadata;
  std::vector<ObjectPart> parts;  // of a multipart object, in order
};

// An object with its bytes. `data` is as long as `info.size`, may be read from several threads and outlive
// the object and the store. Its descriptor() is -1 unless the object is one plain file.
struct OpenObject {
  ObjectDetails details;
  std::shared_ptr<const File> data;
};

// Decided atomically with the commit. Both unset: always.
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
  // Makes the object visible and, with Options::sync, durable. Call once, last.
  // Errors: BadDigest, XAmzContentSHA256Mismatch, PreconditionFailed, NoSuchKey, NoSuchBucket.
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

struct UploadInfo {
  std::string key;
  std::string id;
  Timestamp initiated;
  std::string storage_class;
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
};

struct CopyRequest {
  // Nothing: the source's own.
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
  };

  // Opens or creates the store. The caller keeps the file system, `clock` and `random` alive.
  // Removes data files that nothing refers to. Errors: kCorruption, kIo, kNoSpace.
  static Result<std::unique_ptr<ObjectStore>> open(const std::string& directory, const Options& options,
                                                   Clock& clock, Random& random);

  virtual ~ObjectStore() = default;

  // Errors: InvalidBucketName; BucketAlreadyOwnedByYou if it is there.
  virtual S3Result<void> create_bucket(const std::string& name, const std::string& region) = 0;
  // Drops unfinished uploads. Errors: NoSuchBucket, BucketNotEmpty.
  virtual S3Result<void> delete_bucket(const std::string& name) = 0;
  // Errors: NoSuchBucket.
  virtual S3Result<BucketInfo> head_bucket(const std::string& name) = 0;
  // Sorted by name.
  virtual std::vector<BucketInfo> list_buckets() = 0;

  // Errors: NoSuchBucket, KeyTooLongError, InvalidArgument, InvalidURI (key not UTF-8).
  virtual S3Result<std::unique_ptr<ObjectWriter>> put_object(const std::string& bucket,
                                                             const std::string& key,
                                                             const WriterOptions& options = {}) = 0;
  // Errors: NoSuchBucket, NoSuchKey.
  virtual S3Result<ObjectDetails> head_object(const std::string& bucket, const std::string& key) = 0;
  virtual S3Result<OpenObject> open_object(const std::string& bucket, const std::string& key) = 0;
  // A key that is not there is fine, unless `if_match` (ETag without quotes or `*`) insists.
  // Errors: NoSuchBucket, PreconditionFailed.
  virtual S3Result<void> delete_object(const std::string& bucket, const std::string& key,
                                       const std::optional<std::string>& if_match = std::nullopt) = 0;
  // Replaces the tags and nothing else. Errors: NoSuchBucket, NoSuchKey.
  virtual S3Result<void> set_object_tags(const std::string& bucket, const std::string& key,
                                         NamedValues tags) = 0;
  // Shares the data files (hard links): takes no time for data, but for a multipart source the bytes are read
  // once for the MD5. Errors: as head_object of the source and commit of the target; InvalidRequest when the
  // source is larger than kPutSizeMax.
  virtual S3Result<ObjectInfo> copy_object(const CopySource& source, const std::string& bucket,
                                           const std::string& key, const CopyRequest& request) = 0;
  // One page. Errors: NoSuchBucket.
  virtual S3Result<ListResult> list_objects(const std::string& bucket, const ListRequest& request) = 0;

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
  // finished upload answers the object again, for a day. Errors: InvalidPart, InvalidPartOrder,
  // EntityTooSmall, InvalidRequest, BadDigest, those of a commit.
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

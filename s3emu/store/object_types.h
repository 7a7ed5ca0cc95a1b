// What the object store takes and gives: buckets, objects, versions, uploads and the requests about them, as
// data.
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

}  // namespace tidemark::s3emu

// What exports and imports need of a bucket, wherever it is: in the store of this process, or in an S3
// service elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "s3emu/access/job_access.h"
#include "s3emu/s3_error.h"

namespace tidemark::transfer {

using s3emu::S3Result;

struct NewObject {
  std::string key;
  std::string content_type;
  std::string encryption = "AES256";  // as in x-amz-server-side-encryption
  std::optional<std::string> kms_key_id = std::nullopt;
};

struct StoredObject {
  std::string md5_base64;  // of its bytes
  std::string etag;        // without quotes
};

// An object on its way into a bucket, by a multipart upload as the service does it, so that its ETag ends in
// `-1` or more. It is there once finish() worked; without that the upload is aborted at the end of this.
// Not thread-safe.
class ObjectUpload {
 public:
  virtual ~ObjectUpload() = default;
  virtual S3Result<void> write(std::string_view bytes) = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;  // written so far
  virtual S3Result<StoredObject> finish() = 0;
};

struct ListedObject {
  std::string key;
  std::uint64_t size = 0;
};

struct ObjectPage {
  std::vector<ListedObject> objects;
  std::string next;  // for the next page; empty: this was the last one
};

// An object that is open for reading.
class ReadableObject {
 public:
  virtual ~ReadableObject() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  [[nodiscard]] virtual const File& data() const = 0;
  // Why the last read of `data` failed, when it was the bucket's refusal; nothing when the server itself
  // failed.
  [[nodiscard]] virtual std::optional<s3emu::S3Error> refusal() const { return std::nullopt; }
};

// A bucket as one account may use it. Errors of all: NoSuchBucket, AccessDenied, and whatever the service
// that has the bucket answers, in its words.
// Thread-safety: all methods may be called concurrently.
class Bucket {
 public:
  virtual ~Bucket() = default;
  virtual S3Result<std::unique_ptr<ObjectUpload>> upload(NewObject object) = 0;
  // In the order of their keys. `from` is the `next` of the page before, or empty.
  virtual S3Result<ObjectPage> list(const std::string& prefix, const std::string& from) = 0;
  // Errors: NoSuchKey.
  virtual S3Result<std::unique_ptr<ReadableObject>> open(const std::string& key) = 0;
  // False: there is no such object. Leaves no marker where versions are kept and there was nothing.
  virtual S3Result<bool> remove(const std::string& key) = 0;
  // Aborts all unfinished uploads whose keys begin with `prefix`.
  virtual S3Result<void> abort_uploads(const std::string& prefix) = 0;
};

// Thread-safety: all methods may be called concurrently.
class Buckets {
 public:
  virtual ~Buckets() = default;
  // Whether it is there shows when it is used. What waits for another machine ends soon after `stop`.
  virtual std::unique_ptr<Bucket> bucket(const std::string& name, const s3emu::JobCaller& caller,
                                         std::stop_token stop) = 0;
  // Another S3 service has the bucket: who uses it may have to wait.
  [[nodiscard]] virtual bool is_elsewhere(const std::string&) const { return false; }
};

}  // namespace tidemark::transfer

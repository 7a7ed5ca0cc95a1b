#include "transfer/bucket/local_buckets.h"

#include <utility>

#include "base/bytes.h"
#include "base/log.h"
#include "s3emu/request_meter.h"

namespace tidemark::transfer {
namespace {

s3emu::ObjectMetadata metadata_for(const NewObject& object, s3emu::ObjectAccess access) {
  s3emu::ObjectMetadata metadata;
  metadata.headers.emplace_back("content-type", object.content_type);
  metadata.headers.emplace_back("x-amz-server-side-encryption", object.encryption);
  if (object.kms_key_id) {
    metadata.headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", *object.kms_key_id);
  }
  metadata.owner = std::move(access.owner);
  metadata.acl = std::move(access.acl);
  return metadata;
}

// A bucket and who uses it.
struct Use {
  s3emu::ObjectStore& objects;
  s3emu::JobAccess& access;
  std::string bucket;
  s3emu::JobCaller caller;

  // Requests that whoever does this through S3 has to pay for.
  void meter(std::string_view operation) const {
    s3emu::meter_request(caller.account_id, bucket, operation, 0);
  }
};

class LocalUpload final : public ObjectUpload {
 public:
  LocalUpload(Use use, std::string key) : use_(std::move(use)), key_(std::move(key)) {}
  ~LocalUpload() override {
    part_.reset();
    if (upload_id_.empty()) return;
    if (!use_.access.may_abort_upload(use_.caller, use_.bucket, key_)) return;
    // Unfinished uploads are listed by S3 for those who look.
    if (auto aborted = use_.objects.abort_upload(use_.bucket, key_, upload_id_); !aborted) {
      log::warn("an upload of an export stays unfinished",
                {{"bucket", use_.bucket}, {"key", key_}, {"error", aborted.error().message}});
    }
  }
  LocalUpload(const LocalUpload&) = delete;
  LocalUpload& operator=(const LocalUpload&) = delete;

  S3Result<void> begin(const NewObject& object) {
    ASSIGN_OR_RETURN(auto access, use_.access.may_write(use_.caller, use_.bucket, key_, object.encryption));
    use_.meter("CreateMultipartUpload");
    ASSIGN_OR_RETURN(upload_id_, use_.objects.create_upload(
                                     use_.bucket, key_, metadata_for(object, std::move(access)),
                                     s3emu::ChecksumAlgorithm::kNone, s3emu::ChecksumType::kFullObject));
    use_.meter("UploadPart");
    // CRC-32C is done in hardware; the store's default is not.
    ASSIGN_OR_RETURN(part_, use_.objects.put_part(use_.bucket, key_, upload_id_, 1,
                                                  {.checksum = s3emu::ChecksumAlgorithm::kCrc32c}));
    return {};
  }

  S3Result<void> write(std::string_view bytes) override { return part_->write(bytes); }
  [[nodiscard]] std::uint64_t size() const override { return part_->size(); }

  S3Result<StoredObject> finish() override {
    ASSIGN_OR_RETURN(const s3emu::PartInfo part, part_->commit());
    part_.reset();
    s3emu::CompleteRequest request;
    use_.meter("CompleteMultipartUpload");
    request.parts.push_back({.number = 1, .etag = part.etag, .checksum = std::nullopt});
    ASSIGN_OR_RETURN(const s3emu::ObjectInfo object,
                     use_.objects.complete_upload(use_.bucket, key_, upload_id_, request));
    upload_id_.clear();
    // A part's ETag is the MD5 of its bytes, and the part is the whole object.
    const auto md5 = from_hex(part.etag);
    return StoredObject{base64_encode(md5.value_or("")), object.etag};
  }

 private:
  const Use use_;
  const std::string key_;
  std::string upload_id_;  // empty when there is nothing to abort
  std::unique_ptr<s3emu::PartWriter> part_;
};

class LocalObject final : public ReadableObject {
 public:
  explicit LocalObject(s3emu::OpenObject object) : object_(std::move(object)) {}
  [[nodiscard]] std::uint64_t size() const override { return object_.details.info.size; }
  [[nodiscard]] const File& data() const override { return *object_.data; }

 private:
  const s3emu::OpenObject object_;
};

class LocalBucket final : public Bucket {
 public:
  explicit LocalBucket(Use use) : use_(std::move(use)) {}

  S3Result<std::unique_ptr<ObjectUpload>> upload(NewObject object) override {
    auto upload = std::make_unique<LocalUpload>(use_, object.key);
    RETURN_IF_ERROR(upload->begin(object));
    return upload;
  }

  S3Result<ObjectPage> list(const std::string& prefix, const std::string& from) override {
    RETURN_IF_ERROR(use_.access.may_list(use_.caller, use_.bucket, prefix));
    s3emu::ListRequest request;
    request.prefix = prefix;
    request.start_after = from;
    use_.meter("ListObjectsV2");
    ASSIGN_OR_RETURN(const auto found, use_.objects.list_objects(use_.bucket, request));
    ObjectPage page;
    for (const auto& object : found.objects) page.objects.push_back({object.key, object.size});
    if (found.truncated) page.next = found.next;
    return page;
  }

  S3Result<std::unique_ptr<ReadableObject>> open(const std::string& key) override {
    auto allowed = use_.access.may_read(use_.caller, use_.bucket, key);
    if (!allowed && allowed.error().id == s3emu::S3Code::kAccessDenied) {
      return fail(std::move(allowed).error());
    }
    use_.meter("GetObject");
    ASSIGN_OR_RETURN(auto object, use_.objects.open_object(use_.bucket, key));
    return std::make_unique<LocalObject>(std::move(object));
  }

  S3Result<bool> remove(const std::string& key) override {
    // Asked first: where versions are kept, deleting what is not there leaves a marker.
    ASSIGN_OR_RETURN(const auto page,
                     use_.objects.list_objects(
                         use_.bucket, {.prefix = key, .delimiter = "", .start_after = "", .items_max = 1}));
    if (page.objects.empty()) return false;
    RETURN_IF_ERROR(use_.objects.delete_object(use_.bucket, {.key = key}));
    return true;
  }

  S3Result<void> abort_uploads(const std::string& prefix) override {
    while (true) {
      ASSIGN_OR_RETURN(
          const auto page,
          use_.objects.list_uploads(
              use_.bucket,
              {.prefix = prefix, .delimiter = "", .key_marker = "", .id_marker = "", .items_max = 1000}));
      if (page.uploads.empty()) return {};
      for (const auto& upload : page.uploads) {
        RETURN_IF_ERROR(use_.objects.abort_upload(use_.bucket, upload.key, upload.id));
      }
    }
  }

 private:
  const Use use_;
};

}  // namespace

std::unique_ptr<Bucket> LocalBuckets::bucket(const std::string& name, const s3emu::JobCaller& caller,
                                             std::stop_token /*stop*/) {
  return std::make_unique<LocalBucket>(Use{objects_, access_, name, caller});
}

}  // namespace tidemark::transfer

#include "s3emu/rest/core/conditions.h"
#include "s3emu/rest/core/event_origin.h"
#include "s3emu/rest/core/object_access.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/objects/handlers.h"
#include "s3emu/rest/objects/object_headers.h"
#include "s3emu/rest/objects/object_lock.h"
#include "s3emu/rest/settings/encryption.h"
#include "s3emu/rest/settings/lifecycle.h"
#include "s3emu/store/checks.h"

namespace tidemark::s3emu {
namespace {

// Whose the object is, who may use it and what locks it: as the request and the bucket say together.
S3Result<void> add_access_and_lock(S3Context& context, const S3Request& request, ObjectMetadata* metadata) {
  ASSIGN_OR_RETURN(ObjectAccess access, new_object_access(context, request));
  metadata->owner = std::move(access.owner);
  metadata->acl = std::move(access.acl);
  ASSIGN_OR_RETURN(metadata->lock, lock_of(context, request));
  return {};
}

class PutObjectSink final : public BodySink {
 public:
  // `bucket_revision` is that of the bucket which `metadata` was made for.
  PutObjectSink(std::unique_ptr<ObjectWriter> writer, ObjectMetadata metadata, std::uint64_t bucket_revision,
                WriteConditions conditions)
      : writer_(std::move(writer)),
        metadata_(std::move(metadata)),
        bucket_revision_(bucket_revision),
        conditions_(std::move(conditions)) {}

  S3Result<void> write(std::string_view bytes) override { return writer_->write(bytes); }
  [[nodiscard]] bool is_quick() const override { return writer_->is_quick(); }
  S3Result<http::Response> finish(S3Context& context, const S3Request& request,
                                  const ExpectedDigests& expected) override {
    ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
    if (bucket->revision != bucket_revision_) {
      RETURN_IF_ERROR(add_access_and_lock(context, request, &metadata_));
    }
    ASSIGN_OR_RETURN(const ObjectInfo object,
                     writer_->commit(metadata_, conditions_, expected, origin_of(request)));
    http::Response response = empty_answer(200);
    response.headers.add("ETag", quoted(object.etag));
    add_checksum_headers(&response, object.checksum);
    add_new_version_header(&response, object.version_id);
    add_expiration_header(context, request.bucket, object, &metadata_.tags, &response);
    add_encryption_headers(&response, metadata_.headers);
    return response;
  }

 private:
  const std::unique_ptr<ObjectWriter> writer_;
  ObjectMetadata metadata_;
  const std::uint64_t bucket_revision_;
  const WriteConditions conditions_;
};

class UploadPartSink final : public BodySink {
 public:
  UploadPartSink(std::unique_ptr<PartWriter> writer, NamedValues headers_of_upload)
      : writer_(std::move(writer)), headers_of_upload_(std::move(headers_of_upload)) {}

  S3Result<void> write(std::string_view bytes) override { return writer_->write(bytes); }
  S3Result<http::Response> finish(S3Context& /*context*/, const S3Request& /*request*/,
                                  const ExpectedDigests& expected) override {
    ASSIGN_OR_RETURN(const PartInfo part, writer_->commit(expected));
    http::Response response = empty_answer(200);
    response.headers.add("ETag", quoted(part.etag));
    if (part.checksum.algorithm != ChecksumAlgorithm::kNone) {
      response.headers.add(std::string(checksum_header(part.checksum.algorithm)), part.checksum.text());
    }
    add_encryption_headers(&response, headers_of_upload_);
    return response;
  }

 private:
  const std::unique_ptr<PartWriter> writer_;
  const NamedValues headers_of_upload_;
};

WriterOptions writer_options(const Payload& payload) {
  WriterOptions options;
  options.payload_sha256 = payload.hashes_payload();
  if (payload.checksum() != ChecksumAlgorithm::kNone) options.checksum = payload.checksum();
  return options;
}

S3Result<void> fit_checksum(const UploadInfo& upload, const Payload& payload, WriterOptions* options) {
  if (upload.checksum == ChecksumAlgorithm::kNone) {
    options->also_crc64nvme = options->checksum != ChecksumAlgorithm::kCrc64Nvme;
    return {};
  }
  if (payload.checksum() == ChecksumAlgorithm::kNone && upload.checksum_type == ChecksumType::kFullObject) {
    options->checksum = upload.checksum;
    return {};
  }
  if (payload.checksum() == upload.checksum) return {};
  return fail(other_algorithm(upload.checksum, payload.checksum()));
}

}  // namespace

S3Result<std::unique_ptr<BodySink>> put_object(S3Context& context, const S3Request& request,
                                               const Payload& payload) {
  if (request.has_param("versionId")) {
    return fail(S3Error::of(S3Code::kInvalidArgument, "This operation does not accept a version-id.")
                    .with("ArgumentName", "versionId"));
  }
  if (request.header("x-amz-write-offset-bytes")) {
    return fail(S3Error::of(S3Code::kNotImplemented).with("Header", "x-amz-write-offset-bytes"));
  }
  ASSIGN_OR_RETURN(ObjectMetadata metadata, metadata_of(request));
  // In front of what follows from it, so that a change in between is seen.
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  RETURN_IF_ERROR(add_access_and_lock(context, request, &metadata));
  if (names_lock(request) && !payload.has_digest()) {
    return fail(S3Error::of(S3Code::kInvalidRequest,
                            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests "
                            "with Object Lock parameters"));
  }
  RETURN_IF_ERROR(apply_default_encryption(context, request.bucket, &metadata.headers));
  ASSIGN_OR_RETURN(WriteConditions conditions, write_conditions(request));
  ASSIGN_OR_RETURN(auto writer,
                   context.store.put_object(request.bucket, request.key, writer_options(payload)));
  return std::make_unique<PutObjectSink>(std::move(writer), std::move(metadata), bucket->revision,
                                         std::move(conditions));
}

S3Result<std::unique_ptr<BodySink>> upload_part(S3Context& context, const S3Request& request,
                                                const Payload& payload) {
  const std::string upload_id(request.param("uploadId").value_or(""));
  // 0, which is no part number, for what is not a number.
  ASSIGN_OR_RETURN(const std::size_t number, count_param(request, "partNumber", 0));
  ASSIGN_OR_RETURN(UploadInfo upload, context.store.head_upload(request.bucket, request.key, upload_id));
  WriterOptions options = writer_options(payload);
  RETURN_IF_ERROR(fit_checksum(upload, payload, &options));
  ASSIGN_OR_RETURN(auto writer, context.store.put_part(request.bucket, request.key, upload_id,
                                                       static_cast<int>(number), options));
  return std::make_unique<UploadPartSink>(std::move(writer), std::move(upload.headers));
}

}  // namespace tidemark::s3emu

#include "s3emu/rest/core/authorize.h"
#include "s3emu/rest/core/conditions.h"
#include "s3emu/rest/core/copy_source.h"
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

// Looks at the source; the copy then insists on the version seen here.
S3Result<ObjectDetails> examine_source(S3Context& context, const S3Request& request, CopySource* source) {
  auto found = context.store.head_object(source->bucket, source->key, source->version);
  if (!found && found.error().id == S3Code::kMethodNotAllowed) {
    return fail(S3Error::of(S3Code::kInvalidRequest,
                            "The source of a copy request may not specifically refer to a delete marker by "
                            "version id."));
  }
  if (!found) return fail(found.error());
  ObjectDetails object = std::move(*found);
  const auto conditions = read_conditions(request, "x-amz-copy-source-");
  if (evaluate(conditions, object.info, context.clock.now()) != ConditionOutcome::kHolds) {
    return fail(S3Error::of(S3Code::kPreconditionFailed).with("Condition", "x-amz-copy-source-If-Match"));
  }
  source->etag = object.info.etag;
  if (!object.info.version_id.empty()) source->version = object.info.version_id;
  return object;
}

void add_source_version_header(http::Response* response, const std::string& version_id) {
  if (!version_id.empty()) response->headers.add("x-amz-copy-source-version-id", version_id);
}

// True for REPLACE.
S3Result<bool> replaces(const S3Request& request, const char* header) {
  const std::string_view value = request.header(header).value_or("COPY");
  if (value == "COPY") return false;
  if (value == "REPLACE") return true;
  return fail(S3Error::of(S3Code::kInvalidArgument, "Unknown metadata directive.")
                  .with("ArgumentName", header)
                  .with("ArgumentValue", std::string(value)));
}

// Headers that come from the request even when the rest is copied.
bool belongs_to_request(const std::string& name) {
  return name == "x-amz-website-redirect-location" || is_encryption_header(name);
}

S3Result<CopyRequest> plan_copy(const S3Request& request, const ObjectDetails& source, bool onto_itself) {
  ASSIGN_OR_RETURN(const bool new_metadata, replaces(request, "x-amz-metadata-directive"));
  ASSIGN_OR_RETURN(const bool new_tags, replaces(request, "x-amz-tagging-directive"));
  CopyRequest copy;
  ASSIGN_OR_RETURN(ObjectMetadata metadata, metadata_of(request));
  const bool unchanged =
      !new_metadata && !new_tags && metadata.storage_class == source.metadata.storage_class &&
      !request.header("x-amz-website-redirect-location") && !request.header("x-amz-server-side-encryption") &&
      !request.header("x-amz-checksum-algorithm");
  if (onto_itself && unchanged) {
    return fail(
        S3Error::of(S3Code::kInvalidRequest,
                    "This copy request is illegal because it is trying to copy an object to itself without "
                    "changing the object's metadata, storage class, website redirect location or encryption "
                    "attributes."));
  }
  if (!new_metadata) {
    std::erase_if(metadata.headers, [](const auto& header) { return !belongs_to_request(header.first); });
    for (const auto& header : source.metadata.headers) {
      if (!belongs_to_request(header.first)) metadata.headers.push_back(header);
    }
  }
  if (!new_tags) metadata.tags = source.metadata.tags;
  copy.metadata = std::move(metadata);
  if (const auto name = request.header("x-amz-checksum-algorithm")) {
    ASSIGN_OR_RETURN(copy.checksum, check_algorithm(*name));
  }
  ASSIGN_OR_RETURN(copy.conditions, write_conditions(request));
  return copy;
}

}  // namespace

S3Result<http::Response> copy_object(S3Context& context, const S3Request& request,
                                     const std::string& /*body*/) {
  RETURN_IF_ERROR(context.store.head_bucket(request.bucket));
  ASSIGN_OR_RETURN(CopySource source, parse_copy_source(request));
  ASSIGN_OR_RETURN(const ObjectDetails object, examine_source(context, request, &source));
  // An older version becomes the current one that way.
  const bool names_version =
      request.header("x-amz-copy-source")->find("?versionId=") != std::string_view::npos;
  const bool onto_itself = source.bucket == request.bucket && source.key == request.key && !names_version;
  ASSIGN_OR_RETURN(CopyRequest copy, plan_copy(request, object, onto_itself));
  ASSIGN_OR_RETURN(const bool new_tags, replaces(request, "x-amz-tagging-directive"));
  if (!new_tags && !object.metadata.tags.empty()) {
    RETURN_IF_ERROR(authorize_copied_tags(context, request, source, names_version, object.metadata.tags));
  }
  ASSIGN_OR_RETURN(copy.metadata->lock, lock_of(context, request));
  RETURN_IF_ERROR(apply_default_encryption(context, request.bucket, &copy.metadata->headers));
  ASSIGN_OR_RETURN(ObjectAccess access, new_object_access(context, request));
  copy.metadata->owner = std::move(access.owner);
  copy.metadata->acl = std::move(access.acl);
  ASSIGN_OR_RETURN(const ObjectInfo made,
                   context.store.copy_object(source, request.bucket, request.key, copy, origin_of(request)));
  XmlWriter xml("CopyObjectResult");
  xml.text("LastModified", format_iso_millis(made.last_modified));
  xml.text("ETag", quoted(made.etag));
  write_checksum(&xml, made.checksum);
  http::Response response = xml_answer(xml);
  add_source_version_header(&response, object.info.version_id);
  add_new_version_header(&response, made.version_id);
  add_encryption_headers(&response, copy.metadata->headers);
  add_expiration_header(context, request.bucket, made, &copy.metadata->tags, &response);
  return response;
}

S3Result<http::Response> upload_part_copy(S3Context& context, const S3Request& request,
                                          const std::string& /*body*/) {
  const std::string upload_id(request.param("uploadId").value_or(""));
  ASSIGN_OR_RETURN(const std::size_t number, count_param(request, "partNumber", 0));
  if (number < 1 || number > static_cast<std::size_t>(kPartNumberMax)) {
    return fail(bad_part_number());
  }
  ASSIGN_OR_RETURN(const UploadInfo upload,
                   context.store.head_upload(request.bucket, request.key, upload_id));
  ASSIGN_OR_RETURN(CopySource source, parse_copy_source(request));
  ASSIGN_OR_RETURN(const ObjectDetails object, examine_source(context, request, &source));
  std::optional<std::pair<std::uint64_t, std::uint64_t>> part;
  if (const auto text = request.header("x-amz-copy-source-range")) {
    const auto range = parse_copy_range(*text);
    if (!range) {
      return fail(
          S3Error::of(
              S3Code::kInvalidArgument,
              "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
              "last are the zero-based offsets of the first and last bytes to copy")
              .with("ArgumentName", "x-amz-copy-source-range")
              .with("ArgumentValue", std::string(*text)));
    }
    part = std::pair{range->offset, range->size};
  }
  ASSIGN_OR_RETURN(const PartInfo made, context.store.copy_part(source, part, request.bucket, request.key,
                                                                upload_id, static_cast<int>(number)));
  XmlWriter xml("CopyPartResult");
  xml.text("LastModified", format_iso_millis(made.last_modified));
  xml.text("ETag", quoted(made.etag));
  if (made.checksum.algorithm != ChecksumAlgorithm::kNone) {
    xml.text(checksum_element(made.checksum.algorithm), made.checksum.text());
  }
  http::Response response = xml_answer(xml);
  add_source_version_header(&response, object.info.version_id);
  add_encryption_headers(&response, upload.headers);
  return response;
}

}  // namespace tidemark::s3emu

#include <charconv>

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
#include "s3emu/xml/body.h"

namespace tidemark::s3emu {
namespace {

struct DeclaredChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::kNone;
  ChecksumType type = ChecksumType::kFullObject;
};

auto invalid_request(std::string message) {
  return fail(S3Error::of(S3Code::kInvalidRequest, std::move(message)));
}

S3Result<std::optional<ChecksumType>> type_header(const S3Request& request) {
  const auto name = request.header("x-amz-checksum-type");
  if (!name) return std::nullopt;
  const auto type = parse_type(*name);
  if (!type) return invalid_request("Value for x-amz-checksum-type header is invalid.");
  return type;
}

S3Result<DeclaredChecksum> declared_checksum(const S3Request& request) {
  ASSIGN_OR_RETURN(const auto type, type_header(request));
  const auto name = request.header("x-amz-checksum-algorithm");
  if (!name) {
    if (type) {
      return invalid_request(
          "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
    }
    return DeclaredChecksum{};
  }
  ASSIGN_OR_RETURN(const ChecksumAlgorithm algorithm, check_algorithm(*name));
  const DeclaredChecksum declared{algorithm, type.value_or(default_type(algorithm))};
  if (!allows(declared.algorithm, declared.type)) {
    return invalid_request("The " + std::string(type_name(declared.type)) +
                           " checksum type cannot be used with the " +
                           std::string(algorithm_name(declared.algorithm)) + " checksum algorithm.");
  }
  return declared;
}

S3Result<std::string> digest_text(ChecksumAlgorithm algorithm, std::string_view text) {
  auto raw = parse_checksum_value(algorithm, text);
  if (!raw) {
    return invalid_request("Value for " + std::string(checksum_header(algorithm)) + " header is invalid.");
  }
  return std::move(*raw);
}

// What the client says the object has: the value of the declared algorithm, `-N` behind a composite one.
// With nothing declared it does not count.
S3Result<std::optional<std::string>> final_checksum(const S3Request& request, const UploadInfo& upload,
                                                    std::size_t parts_count) {
  if (upload.checksum == ChecksumAlgorithm::kNone) return std::nullopt;
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    if (algorithm == upload.checksum || !request.header(checksum_header(algorithm))) continue;
    return fail(other_algorithm(upload.checksum, algorithm));
  }
  const auto sent = request.header(checksum_header(upload.checksum));
  if (!sent) return std::nullopt;
  std::string_view text = *sent;
  const std::string suffix = "-" + std::to_string(parts_count);
  if (upload.checksum_type == ChecksumType::kComposite && text.ends_with(suffix)) {
    text.remove_suffix(suffix.size());
  }
  return digest_text(upload.checksum, text);
}

S3Result<CompletedPart> parse_part(pugi::xml_node node) {
  const auto number = child_text(node, "PartNumber");
  const auto etag = child_text(node, "ETag");
  if (!number || !etag) return fail(S3Error::of(S3Code::kMalformedXml));
  CompletedPart part;
  const auto [end, error] = std::from_chars(number->data(), number->data() + number->size(), part.number);
  if (error != std::errc() || end != number->data() + number->size() || part.number < 1 ||
      part.number > kPartNumberMax) {
    return fail(S3Error::of(S3Code::kMalformedXml));
  }
  part.etag = std::string(unquoted(*etag));
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    const auto text = child_text(node, checksum_element(algorithm));
    if (!text) continue;
    ASSIGN_OR_RETURN(part.checksum, digest_text(algorithm, *text));
    part.checksum_algorithm = algorithm;
  }
  return part;
}

S3Result<CompleteRequest> parse_complete(const S3Request& request, const std::string& body) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&document, body, "CompleteMultipartUpload"));
  CompleteRequest complete;
  for (pugi::xml_node node = root.first_child(); node; node = node.next_sibling()) {
    if (!is_element(node, "Part")) continue;
    if (complete.parts.size() == static_cast<std::size_t>(kPartNumberMax)) {
      return fail(S3Error::of(S3Code::kMalformedXml));
    }
    ASSIGN_OR_RETURN(CompletedPart part, parse_part(node));
    complete.parts.push_back(std::move(part));
  }
  if (complete.parts.empty()) return fail(S3Error::of(S3Code::kMalformedXml));
  ASSIGN_OR_RETURN(complete.conditions, write_conditions(request));
  ASSIGN_OR_RETURN(complete.checksum_type, type_header(request));
  if (const auto size = request.header("x-amz-mp-object-size")) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(size->data(), size->data() + size->size(), value);
    if (error != std::errc() || end != size->data() + size->size()) {
      return invalid_request("Value for x-amz-mp-object-size header is invalid.");
    }
    complete.object_size = value;
  }
  return complete;
}

}  // namespace

S3Result<http::Response> create_upload(S3Context& context, const S3Request& request,
                                       const std::string& /*body*/) {
  ASSIGN_OR_RETURN(ObjectMetadata metadata, metadata_of(request));
  ASSIGN_OR_RETURN(ObjectAccess access, new_object_access(context, request));
  metadata.owner = std::move(access.owner);
  metadata.acl = std::move(access.acl);
  ASSIGN_OR_RETURN(metadata.lock, lock_of(context, request));
  RETURN_IF_ERROR(apply_default_encryption(context, request.bucket, &metadata.headers));
  const NamedValues headers = metadata.headers;
  ASSIGN_OR_RETURN(const DeclaredChecksum declared, declared_checksum(request));
  ASSIGN_OR_RETURN(const std::string id,
                   context.store.create_upload(request.bucket, request.key, std::move(metadata),
                                               declared.algorithm, declared.type));
  XmlWriter xml("InitiateMultipartUploadResult");
  xml.text("Bucket", request.bucket);
  xml.text("Key", request.key);
  xml.text("UploadId", id);
  http::Response response = xml_answer(xml);
  add_encryption_headers(&response, headers);
  add_abort_headers(context, request.bucket, request.key, context.clock.now(), &response);
  if (declared.algorithm != ChecksumAlgorithm::kNone) {
    response.headers.add("x-amz-checksum-algorithm", std::string(algorithm_name(declared.algorithm)));
    response.headers.add("x-amz-checksum-type", std::string(type_name(declared.type)));
  }
  return response;
}

S3Result<http::Response> complete_upload(S3Context& context, const S3Request& request,
                                         const std::string& body) {
  const std::string upload_id(request.param("uploadId").value_or(""));
  ASSIGN_OR_RETURN(CompleteRequest complete, parse_complete(request, body));
  const auto upload = context.store.head_upload(request.bucket, request.key, upload_id);
  if (upload) {
    ASSIGN_OR_RETURN(complete.checksum, final_checksum(request, *upload, complete.parts.size()));
  }
  ASSIGN_OR_RETURN(
      const ObjectInfo object,
      context.store.complete_upload(request.bucket, request.key, upload_id, complete, origin_of(request)));
  XmlWriter xml("CompleteMultipartUploadResult");
  xml.text("Location", object_url(request));
  xml.text("Bucket", request.bucket);
  xml.text("Key", request.key);
  xml.text("ETag", quoted(object.etag));
  write_checksum(&xml, object.checksum);
  http::Response response = xml_answer(xml);
  add_new_version_header(&response, object.version_id);
  if (upload) add_encryption_headers(&response, upload->headers);
  add_expiration_header(context, request.bucket, object, nullptr, &response);
  return response;
}

S3Result<http::Response> abort_upload(S3Context& context, const S3Request& request,
                                      const std::string& /*body*/) {
  const std::string upload_id(request.param("uploadId").value_or(""));
  RETURN_IF_ERROR(context.store.abort_upload(request.bucket, request.key, upload_id));
  return empty_answer(204);
}

}  // namespace tidemark::s3emu

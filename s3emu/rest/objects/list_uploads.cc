#include "s3emu/rest/core/conditions.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/objects/handlers.h"
#include "s3emu/rest/settings/lifecycle.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kItemsMax = 1000;

void write_declared_checksum(XmlWriter* xml, const UploadInfo& upload) {
  if (upload.checksum == ChecksumAlgorithm::kNone) return;
  xml->text("ChecksumAlgorithm", algorithm_name(upload.checksum));
  xml->text("ChecksumType", type_name(upload.checksum_type));
}

}  // namespace

S3Result<http::Response> list_uploads(S3Context& context, const S3Request& request,
                                      const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const bool url, wants_url_encoding(request));
  ASSIGN_OR_RETURN(const std::size_t asked, count_param(request, "max-uploads", kItemsMax));
  ListUploadsRequest query;
  query.items_max = std::min(asked, kItemsMax);
  query.prefix = std::string(request.param("prefix").value_or(""));
  query.delimiter = std::string(request.param("delimiter").value_or(""));
  query.key_marker = std::string(request.param("key-marker").value_or(""));
  query.id_marker = std::string(request.param("upload-id-marker").value_or(""));
  ASSIGN_OR_RETURN(const ListUploadsResult result, context.store.list_uploads(request.bucket, query));
  XmlWriter xml("ListMultipartUploadsResult");
  xml.text("Bucket", request.bucket);
  xml.text("KeyMarker", encoded_if(url, query.key_marker));
  xml.text("UploadIdMarker", query.id_marker);
  if (result.truncated) {
    xml.text("NextKeyMarker", encoded_if(url, result.next_key));
    xml.text("NextUploadIdMarker", result.next_id);
  }
  xml.text("Prefix", encoded_if(url, query.prefix));
  if (!query.delimiter.empty()) xml.text("Delimiter", encoded_if(url, query.delimiter));
  xml.number("MaxUploads", query.items_max);
  xml.boolean("IsTruncated", result.truncated);
  for (const UploadInfo& upload : result.uploads) {
    xml.open("Upload");
    xml.text("Key", encoded_if(url, upload.key));
    xml.text("UploadId", upload.id);
    write_owner(&xml, "Initiator", upload.owner, context.options);
    write_owner(&xml, "Owner", upload.owner, context.options);
    xml.text("StorageClass", storage_class_name(upload.storage_class));
    xml.text("Initiated", format_iso_millis(upload.initiated));
    write_declared_checksum(&xml, upload);
    xml.close();
  }
  for (const std::string& prefix : result.common_prefixes) {
    xml.open("CommonPrefixes");
    xml.text("Prefix", encoded_if(url, prefix));
    xml.close();
  }
  if (url) xml.text("EncodingType", "url");
  return xml_answer(xml);
}

S3Result<http::Response> list_parts(S3Context& context, const S3Request& request,
                                    const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const bool url, wants_url_encoding(request));
  ASSIGN_OR_RETURN(const std::size_t asked, count_param(request, "max-parts", kItemsMax));
  ASSIGN_OR_RETURN(const std::size_t marker, count_param(request, "part-number-marker", 0));
  const std::size_t parts_max = std::min(asked, kItemsMax);
  const int after = static_cast<int>(std::min<std::size_t>(marker, kPartNumberMax));
  const std::string upload_id(request.param("uploadId").value_or(""));
  ASSIGN_OR_RETURN(const ListPartsResult result,
                   context.store.list_parts(request.bucket, request.key, upload_id, after, parts_max));
  XmlWriter xml("ListPartsResult");
  xml.text("Bucket", request.bucket);
  xml.text("Key", encoded_if(url, request.key));
  xml.text("UploadId", upload_id);
  write_owner(&xml, "Initiator", result.upload.owner, context.options);
  write_owner(&xml, "Owner", result.upload.owner, context.options);
  xml.text("StorageClass", storage_class_name(result.upload.storage_class));
  xml.number("PartNumberMarker", marker);
  if (!result.parts.empty()) {
    xml.number("NextPartNumberMarker", static_cast<std::uint64_t>(result.parts.back().number));
  }
  xml.number("MaxParts", parts_max);
  xml.boolean("IsTruncated", result.truncated);
  write_declared_checksum(&xml, result.upload);
  for (const PartInfo& part : result.parts) {
    xml.open("Part");
    xml.number("PartNumber", static_cast<std::uint64_t>(part.number));
    xml.text("LastModified", format_iso_millis(part.last_modified));
    xml.text("ETag", quoted(part.etag));
    xml.number("Size", part.size);
    if (part.checksum.algorithm != ChecksumAlgorithm::kNone) {
      xml.text(checksum_element(part.checksum.algorithm), part.checksum.text());
    }
    xml.close();
  }
  http::Response response = xml_answer(xml);
  add_abort_headers(context, request.bucket, request.key, result.upload.initiated, &response);
  return response;
}

}  // namespace tidemark::s3emu

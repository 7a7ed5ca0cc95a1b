#include "s3emu/rest/core/conditions.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/objects/handlers.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kItemsMax = 1000;

void write_version(XmlWriter* xml, const ListedVersion& version, bool url_encoding,
                   const S3Options& options) {
  const ObjectInfo& object = version.info;
  xml->open(object.is_delete_marker ? "DeleteMarker" : "Version");
  xml->text("Key", encoded_if(url_encoding, object.key));
  xml->text("VersionId", object.version_id);
  xml->boolean("IsLatest", version.is_latest);
  xml->text("LastModified", format_iso_millis(object.last_modified));
  if (!object.is_delete_marker) {
    xml->text("ETag", quoted(object.etag));
    if (object.checksum.algorithm != ChecksumAlgorithm::kNone) {
      xml->text("ChecksumAlgorithm", algorithm_name(object.checksum.algorithm));
      xml->text("ChecksumType", type_name(object.checksum.type));
    }
    xml->number("Size", object.size);
    xml->text("StorageClass", storage_class_name(object.storage_class));
  }
  write_owner(xml, "Owner", object.owner, options);
  xml->close();
}

S3Result<ListVersionsRequest> query_of(const S3Request& request) {
  ListVersionsRequest query;
  ASSIGN_OR_RETURN(const std::size_t asked, count_param(request, "max-keys", kItemsMax));
  query.items_max = std::min(asked, kItemsMax);
  query.prefix = request.param("prefix").value_or("");
  query.delimiter = request.param("delimiter").value_or("");
  query.key_marker = request.param("key-marker").value_or("");
  if (const auto version = request.param("version-id-marker"); version && !version->empty()) {
    query.version_marker = std::string(*version);
  }
  if (query.version_marker && query.key_marker.empty()) {
    return fail(
        S3Error::of(S3Code::kInvalidArgument, "A version-id marker cannot be specified without a key marker.")
            .with("ArgumentName", "version-id-marker")
            .with("ArgumentValue", *query.version_marker));
  }
  return query;
}

}  // namespace

S3Result<http::Response> list_object_versions(S3Context& context, const S3Request& request,
                                              const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const bool url, wants_url_encoding(request));
  ASSIGN_OR_RETURN(const ListVersionsRequest query, query_of(request));
  ASSIGN_OR_RETURN(const ListVersionsResult result, context.store.list_versions(request.bucket, query));
  XmlWriter xml("ListVersionsResult");
  xml.text("Name", request.bucket);
  xml.text("Prefix", encoded_if(url, query.prefix));
  xml.text("KeyMarker", encoded_if(url, query.key_marker));
  xml.text("VersionIdMarker", query.version_marker.value_or(""));
  if (result.truncated) {
    xml.text("NextKeyMarker", encoded_if(url, result.next_key));
    if (!result.next_version.empty()) xml.text("NextVersionIdMarker", result.next_version);
  }
  xml.number("MaxKeys", query.items_max);
  if (!query.delimiter.empty()) xml.text("Delimiter", encoded_if(url, query.delimiter));
  xml.boolean("IsTruncated", result.truncated);
  for (const ListedVersion& version : result.versions) write_version(&xml, version, url, context.options);
  for (const std::string& prefix : result.common_prefixes) {
    xml.open("CommonPrefixes");
    xml.text("Prefix", encoded_if(url, prefix));
    xml.close();
  }
  if (url) xml.text("EncodingType", "url");
  return xml_answer(xml);
}

}  // namespace tidemark::s3emu

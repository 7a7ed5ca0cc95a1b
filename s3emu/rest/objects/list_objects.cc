#include "base/bytes.h"
#include "s3emu/rest/core/conditions.h"
#include "s3emu/rest/core/parameters.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kItemsMax = 1000;

struct Query {
  ListRequest request;
  bool url_encoding = false;
};

S3Result<Query> query_of(const S3Request& request) {
  Query query;
  ASSIGN_OR_RETURN(query.url_encoding, wants_url_encoding(request));
  ASSIGN_OR_RETURN(const std::size_t asked, count_param(request, "max-keys", kItemsMax));
  query.request.items_max = std::min(asked, kItemsMax);
  query.request.prefix = std::string(request.param("prefix").value_or(""));
  query.request.delimiter = std::string(request.param("delimiter").value_or(""));
  return query;
}

void write_object(XmlWriter* xml, const ObjectInfo& object, bool url_encoding) {
  xml->text("Key", encoded_if(url_encoding, object.key));
  xml->text("LastModified", format_iso_millis(object.last_modified));
  xml->text("ETag", quoted(object.etag));
  if (object.checksum.algorithm != ChecksumAlgorithm::kNone) {
    xml->text("ChecksumAlgorithm", algorithm_name(object.checksum.algorithm));
    xml->text("ChecksumType", type_name(object.checksum.type));
  }
  xml->number("Size", object.size);
  xml->text("StorageClass", storage_class_name(object.storage_class));
}

void write_contents(XmlWriter* xml, const ListResult& result, bool url_encoding, const S3Options* owner) {
  for (const ObjectInfo& object : result.objects) {
    xml->open("Contents");
    write_object(xml, object, url_encoding);
    if (owner != nullptr) write_owner(xml, "Owner", object.owner, *owner);
    xml->close();
  }
}

void write_prefixes(XmlWriter* xml, const ListResult& result, bool url_encoding) {
  for (const std::string& prefix : result.common_prefixes) {
    xml->open("CommonPrefixes");
    xml->text("Prefix", encoded_if(url_encoding, prefix));
    xml->close();
  }
  if (url_encoding) xml->text("EncodingType", "url");
}

// Tokens are opaque to clients: a mark that tells ours from garbage, and the last name returned.
constexpr char kTokenMark = '1';

S3Result<std::string> name_of_token(std::string_view token) {
  auto decoded = base64_decode(token);
  if (!decoded || decoded->size() < 2 || decoded->front() != kTokenMark) {
    return fail(bad_continuation_token().with("ArgumentValue", std::string(token)));
  }
  return decoded->substr(1);
}

}  // namespace

S3Result<http::Response> list_objects_v1(S3Context& context, const S3Request& request,
                                         const std::string& /*body*/) {
  ASSIGN_OR_RETURN(Query query, query_of(request));
  const bool url = query.url_encoding;
  query.request.start_after = std::string(request.param("marker").value_or(""));
  ASSIGN_OR_RETURN(const ListResult result, context.store.list_objects(request.bucket, query.request));
  XmlWriter xml("ListBucketResult");
  xml.text("Name", request.bucket);
  xml.text("Prefix", encoded_if(url, query.request.prefix));
  xml.text("Marker", encoded_if(url, query.request.start_after));
  xml.number("MaxKeys", query.request.items_max);
  if (!query.request.delimiter.empty()) xml.text("Delimiter", encoded_if(url, query.request.delimiter));
  xml.boolean("IsTruncated", result.truncated);
  if (result.truncated && !query.request.delimiter.empty()) {
    xml.text("NextMarker", encoded_if(url, result.next));
  }
  write_contents(&xml, result, url, &context.options);
  write_prefixes(&xml, result, url);
  return xml_answer(xml);
}

S3Result<http::Response> list_objects_v2(S3Context& context, const S3Request& request,
                                         const std::string& /*body*/) {
  if (request.param("list-type") != "2") {
    return fail(S3Error::of(S3Code::kInvalidArgument, "Invalid List Type specified in Request")
                    .with("ArgumentName", "list-type"));
  }
  ASSIGN_OR_RETURN(Query query, query_of(request));
  const bool url = query.url_encoding;
  const auto start_after = request.param("start-after");
  const auto token = request.param("continuation-token");
  query.request.start_after = std::string(start_after.value_or(""));
  if (token) {
    ASSIGN_OR_RETURN(query.request.start_after, name_of_token(*token));
  }
  ASSIGN_OR_RETURN(const ListResult result, context.store.list_objects(request.bucket, query.request));
  XmlWriter xml("ListBucketResult");
  xml.text("Name", request.bucket);
  xml.text("Prefix", encoded_if(url, query.request.prefix));
  if (token) xml.text("ContinuationToken", *token);
  if (start_after) xml.text("StartAfter", encoded_if(url, *start_after));
  xml.number("KeyCount", result.objects.size() + result.common_prefixes.size());
  xml.number("MaxKeys", query.request.items_max);
  if (!query.request.delimiter.empty()) xml.text("Delimiter", encoded_if(url, query.request.delimiter));
  xml.boolean("IsTruncated", result.truncated);
  if (result.truncated) xml.text("NextContinuationToken", base64_encode(kTokenMark + result.next));
  const bool with_owner = request.param("fetch-owner") == "true";
  write_contents(&xml, result, url, with_owner ? &context.options : nullptr);
  write_prefixes(&xml, result, url);
  return xml_answer(xml);
}

}  // namespace tidemark::s3emu

#include "s3emu/rest/objects/object_headers.h"

#include <algorithm>

#include "base/text.h"
#include "s3emu/rest/core/conditions.h"
#include "s3emu/rest/core/tags.h"
#include "s3emu/rest/objects/header_words.h"
#include "s3emu/rest/settings/encryption.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kUserMetadataMax = 2048;

struct SystemHeader {
  const char* name;
  const char* override_param;  // nullptr: none
};

constexpr SystemHeader kSystemHeaders[] = {
    {"content-type", "response-content-type"},
    {"cache-control", "response-cache-control"},
    {"content-disposition", "response-content-disposition"},
    {"content-encoding", "response-content-encoding"},
    {"content-language", "response-content-language"},
    {"expires", "response-expires"},
    {"x-amz-website-redirect-location", nullptr},
    {kEncryptionHeader, nullptr},
};

constexpr std::string_view kUserPrefix = "x-amz-meta-";

// Takes the framing's own token away; what remains belongs to the object, and stays as it was written.
std::string without_aws_chunked(std::string_view encoding) {
  std::string out;
  bool found = false;
  for (std::size_t from = 0; from <= encoding.size();) {
    const std::size_t comma = std::min(encoding.find(',', from), encoding.size());
    const std::string_view item = encoding.substr(from, comma - from);
    from = comma + 1;
    if (http::equal_ignoring_case(trimmed(item), "aws-chunked")) {
      found = true;
    } else {
      // Without the comma in front of it when nothing is left there.
      if (!out.empty()) out.push_back(',');
      out.append(out.empty() ? trimmed(item) : item);
    }
  }
  return found ? out : std::string(encoding);
}

void add_user_value(NamedValues* headers, std::string name, std::string_view value) {
  for (auto& [known, joined] : *headers) {
    if (known != name) continue;
    joined.append(",").append(value);
    return;
  }
  headers->emplace_back(std::move(name), std::string(value));
}

// Names that come in a query or a form have not been through an HTTP parser.
bool is_header_name(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

S3Result<NamedValues> user_metadata(const S3Request& request) {
  NamedValues out;
  for (const auto& [name, value] : request.head.headers.fields()) {
    std::string key = lower_case(name);
    if (key.starts_with(kUserPrefix)) add_user_value(&out, std::move(key), value);
  }
  for (const auto& [name, value] : request.query) {
    std::string key = lower_case(name);
    // A header that was sent, too, counts once.
    if (request.presigned && key.starts_with(kUserPrefix) && !request.head.headers.find(key)) {
      add_user_value(&out, std::move(key), value);
    }
  }
  std::size_t size = 0;
  for (const auto& [name, value] : out) {
    if (!is_header_name(name)) {
      return fail(
          S3Error::of(S3Code::kInvalidArgument, "A metadata name has characters that a header cannot have.")
              .with("ArgumentName", name));
    }
    size += name.size() - kUserPrefix.size() + value.size();
  }
  if (size > kUserMetadataMax) {
    return fail(S3Error::of(S3Code::kMetadataTooLarge)
                    .with("Size", std::to_string(size))
                    .with("MaxSizeAllowed", std::to_string(kUserMetadataMax)));
  }
  return out;
}

S3Result<std::string> storage_class(const S3Request& request) {
  const std::string_view name = request.header("x-amz-storage-class").value_or("STANDARD");
  if (name == "STANDARD") return std::string();
  for (const std::string_view known :
       {"REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
        "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS"}) {
    if (name == known) return std::string(name);
  }
  return fail(S3Error::of(S3Code::kInvalidStorageClass).with("StorageClassRequested", std::string(name)));
}

// Refuses what would otherwise be dropped in silence.
S3Result<void> check_unsupported(const S3Request& request) {
  for (const char* name : {"x-amz-server-side-encryption-customer-algorithm",
                           "x-amz-copy-source-server-side-encryption-customer-algorithm"}) {
    if (request.header(name)) return fail(S3Error::of(S3Code::kNotImplemented).with("Header", name));
  }
  for (const char* name :
       {"x-amz-server-side-encryption-customer-key", "x-amz-server-side-encryption-customer-key-md5",
        "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-context",
        "x-amz-server-side-encryption-bucket-key-enabled"}) {
    if (request.header(name)) return fail(S3Error::of(S3Code::kNotImplemented).with("Header", name));
  }
  const auto encryption = request.header(kEncryptionHeader);
  if (encryption && *encryption != "AES256") {
    return fail(S3Error::of(S3Code::kNotImplemented).with("Header", kEncryptionHeader));
  }
  return {};
}

}  // namespace

S3Result<ObjectMetadata> metadata_of(const S3Request& request) {
  RETURN_IF_ERROR(check_unsupported(request));
  ObjectMetadata metadata;
  for (const SystemHeader& header : kSystemHeaders) {
    const auto value = request.header(header.name);
    if (!value) continue;
    const std::string_view name = header.name;
    std::string kept = name == "content-encoding" ? without_aws_chunked(*value) : std::string(*value);
    if (!kept.empty()) metadata.headers.emplace_back(name, std::move(kept));
  }
  ASSIGN_OR_RETURN(NamedValues user, user_metadata(request));
  std::move(user.begin(), user.end(), std::back_inserter(metadata.headers));
  ASSIGN_OR_RETURN(metadata.tags, parse_tag_header(request.header("x-amz-tagging").value_or("")));
  ASSIGN_OR_RETURN(metadata.storage_class, storage_class(request));
  return metadata;
}

void add_object_headers(http::Response* response, const ObjectDetails& object, const S3Request& request) {
  http::Headers& headers = response->headers;
  headers.add("ETag", quoted(object.info.etag));
  headers.add("Last-Modified", format_http_date(object.info.last_modified));
  headers.add("Accept-Ranges", "bytes");
  NamedValues values = object.metadata.headers;
  if (std::none_of(values.begin(), values.end(), [](const auto& v) { return v.first == "content-type"; })) {
    values.emplace_back("content-type", "binary/octet-stream");
  }
  const auto encryption = std::stable_partition(
      values.begin(), values.end(), [](const auto& value) { return !is_encryption_header(value.first); });
  add_encryption_headers(response, NamedValues(encryption, values.end()));
  values.erase(encryption, values.end());
  for (const SystemHeader& header : kSystemHeaders) {
    const auto replacement =
        header.override_param == nullptr ? std::nullopt : request.param(header.override_param);
    if (!replacement) continue;
    std::erase_if(values, [&](const auto& v) { return v.first == header.name; });
    values.emplace_back(header.name, std::string(*replacement));
  }
  for (auto& [name, value] : values) {
    // A line break would end the header: it can come in percent-encoded.
    std::erase_if(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    if (name.starts_with(kUserPrefix)) value = header_words(value);
    headers.add(std::move(name), std::move(value));
  }
  if (!object.metadata.storage_class.empty()) {
    headers.add("x-amz-storage-class", object.metadata.storage_class);
  }
  if (!object.metadata.tags.empty()) {
    headers.add("x-amz-tagging-count", std::to_string(object.metadata.tags.size()));
  }
}

}  // namespace tidemark::s3emu

#include <charconv>

#include "s3emu/rest/core/parameters.h"

namespace tidemark::s3emu {

S3Result<std::size_t> count_param(const S3Request& request, std::string_view name, std::size_t fallback) {
  const auto text = request.param(name);
  if (!text || text->empty()) return fallback;
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 0) {
    return fail(S3Error::of(S3Code::kInvalidArgument,
                            "Provided " + std::string(name) + " not an integer or within integer range")
                    .with("ArgumentName", std::string(name))
                    .with("ArgumentValue", std::string(*text)));
  }
  return static_cast<std::size_t>(value);
}

S3Error bad_continuation_token() {
  return S3Error::of(S3Code::kInvalidArgument, "The continuation token provided is incorrect")
      .with("ArgumentName", "continuation-token");
}

S3Result<bool> wants_url_encoding(const S3Request& request) {
  const auto type = request.param("encoding-type");
  if (!type || type->empty()) return false;
  if (*type == "url") return true;
  return fail(S3Error::of(S3Code::kInvalidArgument, "Invalid Encoding Method specified in Request")
                  .with("ArgumentName", "encoding-type")
                  .with("ArgumentValue", std::string(*type)));
}

std::string encoded_if(bool url_encoding, std::string_view text) {
  return url_encoding ? http::percent_encode_key(text) : std::string(text);
}

VersionChoice version_choice(const S3Request& request) {
  const auto version = request.param("versionId");
  if (!version) return std::nullopt;
  return std::string(*version);
}

void add_version_header(http::Response* response, const std::string& version_id) {
  if (!version_id.empty()) response->headers.add("x-amz-version-id", version_id);
}

void add_new_version_header(http::Response* response, const std::string& version_id) {
  if (version_id != "null") add_version_header(response, version_id);
}

ObjectOwner caller_as_owner(const S3Context& context, const S3Request& request) {
  if (request.caller.anonymous) return {std::string(kAnonymousUserId), {}};
  const auth::Account& account = request.caller.account;
  if (account.canonical_user_id == context.options.owner.canonical_user_id) return {};
  return {account.canonical_user_id, account.display_name};
}

void write_owner(XmlWriter* xml, std::string_view element, const ObjectOwner& owner,
                 const S3Options& options) {
  if (owner.id.empty()) return write_owner(xml, element, options);
  xml->open(element);
  xml->text("ID", owner.id);
  xml->text("DisplayName", owner.display_name);
  xml->close();
}

void write_owner(XmlWriter* xml, std::string_view element, const S3Options& options) {
  xml->open(element);
  xml->text("ID", options.owner.canonical_user_id);
  xml->text("DisplayName", options.owner.display_name);
  xml->close();
}

std::string object_url(const S3Request& request) {
  const std::string host(request.head.headers.find("Host").value_or("localhost"));
  std::string url = "http://" + host + "/";
  if (!request.virtual_host) url += request.bucket + "/";
  return url + http::percent_encode(request.key, http::Slash::kKept);
}

std::string_view storage_class_name(const std::string& stored) {
  return stored.empty() ? std::string_view("STANDARD") : std::string_view(stored);
}

}  // namespace tidemark::s3emu

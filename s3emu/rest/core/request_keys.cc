#include "s3emu/rest/core/request_keys.h"

#include "s3emu/access/condition.h"
#include "s3emu/rest/core/tags.h"

namespace tidemark::s3emu {
namespace {

using Values = std::optional<std::vector<std::string>>;

Values one(std::optional<std::string_view> value) {
  if (!value) return std::nullopt;
  return std::vector<std::string>{std::string(*value)};
}

bool is_loopback(std::string_view peer) {
  static const AddressRange kV4 = *parse_address_range("127.0.0.0/8");
  static const AddressRange kV6 = *parse_address_range("::1");
  const auto address = parse_address_range(peer);
  return address && (kV4.contains(*address) || kV6.contains(*address));
}

// Policies write the source of a copy with a slash in front or without.
Values copy_source(const S3Request& request) {
  auto text = request.header("x-amz-copy-source");
  if (!text) return std::nullopt;
  auto decoded = http::percent_decode(text->substr(0, text->find('?')), false);
  if (!decoded) return std::nullopt;
  if (!decoded->starts_with('/')) decoded->insert(0, 1, '/');
  return std::vector<std::string>{decoded->substr(1), *decoded};
}

}  // namespace

bool is_secure(const http::RequestHead& head) {
  if (const auto proto = head.headers.find("X-Forwarded-Proto")) {
    return http::equal_ignoring_case(*proto, "https");
  }
  return is_loopback(head.peer);
}

Values RequestKeys::values(std::string_view key) const {
  const http::RequestHead& head = request_.head;
  if (key.starts_with("s3:")) return s3_values(key.substr(3));
  if (key == "aws:sourceip" && !head.peer.empty()) return one(head.peer);
  if (key == "aws:securetransport") return one(is_secure(head) ? "true" : "false");
  if (key == "aws:useragent") return one(head.headers.find("User-Agent"));
  if (key == "aws:referer") return one(head.headers.find("Referer"));
  if (key == "aws:currenttime") return one(format_iso_seconds(now_));
  if (key == "aws:epochtime") return one(std::to_string(now_.seconds()));
  if (key == "aws:requestedregion") return one(options_.region);
  if (key == "aws:viaawsservice" || key == "aws:principalisawsservice") return one("false");
  return std::nullopt;
}

Values RequestKeys::s3_values(std::string_view name) const {
  const bool of_bucket = request_.key.empty();
  if (of_bucket && (name == "prefix" || name == "delimiter" || name == "max-keys")) {
    return one(request_.param(name));
  }
  if (name == "versionid") return one(request_.param("versionId"));
  if (name == "x-amz-copy-source") return copy_source(request_);
  // The headers of the same name, also where presigned requests have them in the query.
  if (name.starts_with("x-amz-")) return one(request_.header(name));
  if (name == "if-match" || name == "if-none-match") return one(request_.header(name));
  if (name == "object-lock-mode") return one(request_.header("x-amz-object-lock-mode"));
  if (name == "object-lock-legal-hold") return one(request_.header("x-amz-object-lock-legal-hold"));
  if (name == "object-lock-retain-until-date") {
    return one(request_.header("x-amz-object-lock-retain-until-date"));
  }
  constexpr std::string_view kTag = "requestobjecttag/";
  if (name.starts_with(kTag)) return request_tags(name.substr(kTag.size()));
  if (name == "requestobjecttagkeys") return request_tags({});
  if (name == "authtype" && request_.authenticated) {
    return one(request_.presigned ? "REST-QUERY-STRING" : "REST-HEADER");
  }
  if (name == "signatureversion") return one(signature_version());
  return std::nullopt;
}

// The value of one tag of the x-amz-tagging header, or with an empty name the keys of all.
Values RequestKeys::request_tags(std::string_view name) const {
  const auto header = request_.header("x-amz-tagging");
  if (!header) return std::nullopt;
  const auto tags = parse_tag_header(*header);
  if (!tags) return std::nullopt;
  std::vector<std::string> keys;
  for (const auto& [key, value] : *tags) {
    if (!name.empty() && key == name) return one(value);
    keys.push_back(key);
  }
  if (!name.empty()) return std::nullopt;
  return keys;
}

std::optional<std::string> RequestKeys::signature_version() const {
  if (request_.presigned) return request_.has_param("X-Amz-Signature") ? "AWS4-HMAC-SHA256" : "AWS";
  const auto header = request_.head.headers.find("Authorization");
  if (!header) return std::nullopt;
  return std::string(header->substr(0, header->find(' ')));
}

}  // namespace tidemark::s3emu

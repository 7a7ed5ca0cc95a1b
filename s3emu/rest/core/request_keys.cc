#include "s3emu/rest/core/request_keys.h"

#include <algorithm>

#include "base/auth/policy/global_keys.h"
#include "s3emu/rest/core/tags.h"

namespace tidemark::s3emu {
namespace {

using Values = std::optional<std::vector<std::string>>;

template <class Text>
Values one(const std::optional<Text>& value) {
  if (!value) return std::nullopt;
  return std::vector<std::string>{std::string(*value)};
}
Values one(std::string value) { return std::vector<std::string>{std::move(value)}; }

// Policies write the source of a copy with a slash in front or without.
Values copy_source(const S3Request& request) {
  auto text = request.header("x-amz-copy-source");
  if (!text) return std::nullopt;
  auto decoded = http::percent_decode(text->substr(0, text->find('?')), http::Plus::kPlus);
  if (!decoded) return std::nullopt;
  if (!decoded->starts_with('/')) decoded->insert(0, 1, '/');
  return std::vector<std::string>{decoded->substr(1), *decoded};
}

// When the request was signed, as far as it says so.
std::optional<Timestamp> signing_time(const S3Request& request) {
  if (const auto basic = request.header("x-amz-date")) return parse_basic_time(*basic);
  const auto date = request.head.headers.find("Date");
  return date ? parse_http_date(*date) : std::nullopt;
}

bool has_name(std::span<const std::string_view> names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](std::string_view each) {
    return each.ends_with('/') ? name.starts_with(each) : name == each;
  });
}

}  // namespace

bool is_secure(const http::RequestHead& head, const S3Options& options) {
  return auth::is_secure(head, options.trusted_proxies);
}

Values RequestKeys::values(std::string_view key) const {
  if (key.starts_with("s3:")) return s3_values(key.substr(3));
  return auth::request_value(key, {.head = request_.head,
                                   .trusted_proxies = options_.trusted_proxies,
                                   .now = now_,
                                   .region = options_.region});
}

bool RequestKeys::is_pending(std::string_view key) const {
  return key.starts_with("s3:") && has_name(further_.pending, key.substr(3));
}

Values RequestKeys::header_value(std::string_view name, std::string_view header) const {
  if (has_name(further_.not_of_headers, name)) return std::nullopt;
  return one(request_.header(header));
}

Values RequestKeys::s3_values(std::string_view name) const {
  for (const auto& [further, value] : further_.others) {
    if (further == name) return one(value);
  }
  const bool of_bucket = request_.key.empty();
  if (of_bucket && (name == "prefix" || name == "delimiter" || name == "max-keys")) {
    return one(request_.param(name));
  }
  if (name == "x-amz-copy-source") return copy_source(request_);
  if (name == "x-amz-content-sha256") return one(content_sha256());
  // The headers of the same name, also where presigned requests have them in the query.
  if (name.starts_with("x-amz-")) return header_value(name, name);
  if (name == "if-match" || name == "if-none-match") return header_value(name, name);
  if (name.starts_with("object-lock-")) return lock_values(name);
  constexpr std::string_view kTag = "requestobjecttag/";
  if (name.starts_with(kTag)) return request_tags(name, name.substr(kTag.size()));
  if (name == "requestobjecttagkeys") return request_tags(name, {});
  if (name == "authtype") return one(auth_type());
  if (name == "signatureversion") return one(signature_version());
  if (name == "signatureage") return one(signature_age());
  return std::nullopt;
}

Values RequestKeys::lock_values(std::string_view name) const {
  if (name != "object-lock-remaining-retention-days") {
    return header_value(name, "x-amz-" + std::string(name));
  }
  constexpr std::int64_t kDayMicros = 86'400'000'000;
  const Values until = s3_values("object-lock-retain-until-date");
  const auto date = until ? parse_iso_time(until->front()) : std::nullopt;
  if (!date) return std::nullopt;
  // A day that has begun counts: whoever says "in ten days" means ten.
  const std::int64_t micros = std::max<std::int64_t>(0, date->micros - now_.micros);
  return one(std::to_string((micros + kDayMicros - 1) / kDayMicros));
}

// The value of one tag that the request gives to an object, or with an empty name the keys of all.
Values RequestKeys::request_tags(std::string_view condition_key, std::string_view name) const {
  std::optional<NamedValues> tags = further_.tags;
  if (const auto header = header_value(condition_key, "x-amz-tagging"); !tags && header) {
    if (auto parsed = parse_tag_header(header->front())) tags = std::move(*parsed);
  }
  if (!tags) return std::nullopt;
  std::vector<std::string> keys;
  for (const auto& [key, value] : *tags) {
    if (!name.empty() && key == name) return one(value);
    keys.push_back(key);
  }
  if (!name.empty()) return std::nullopt;
  return keys;
}

std::optional<std::string> RequestKeys::auth_type() const {
  if (!request_.form_signature.empty()) return "POST";
  if (!request_.authenticated) return std::nullopt;
  return request_.presigned ? "REST-QUERY-STRING" : "REST-HEADER";
}

std::optional<std::string> RequestKeys::signature_version() const {
  if (!request_.form_signature.empty()) return request_.form_signature;
  if (request_.presigned) return request_.has_param("X-Amz-Signature") ? "AWS4-HMAC-SHA256" : "AWS";
  const auto header = request_.head.headers.find("Authorization");
  if (!header) return std::nullopt;
  return std::string(header->substr(0, header->find(' ')));
}

// In milliseconds.
std::optional<std::string> RequestKeys::signature_age() const {
  const auto time = auth_type() ? signing_time(request_) : std::nullopt;
  if (!time) return std::nullopt;
  return std::to_string(wall_.millis() - time->millis());
}

std::optional<std::string> RequestKeys::content_sha256() const {
  if (const auto said = request_.header("x-amz-content-sha256")) return std::string(*said);
  // What a presigned URL that says nothing of its body is signed with.
  if (request_.presigned && signature_version() == auth::kSigV4Algorithm) {
    return std::string(auth::kUnsignedPayload);
  }
  return std::nullopt;
}

}  // namespace tidemark::s3emu

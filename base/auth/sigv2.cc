#include "base/auth/sigv2.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"

namespace tidemark::auth {
namespace {

// The query parameters that are part of what is asked for.
constexpr std::array<std::string_view, 38> kSubResources = {
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "encryption",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "retention",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
};

enum class ValueForm { kDecoded, kAsSent };
// `/bucket` as it was sent, or `/bucket/`, which is the same resource: boto signs that.
enum class BucketForm { kAsSent, kWithSlash };

struct Parameter {
  std::string name;                       // decoded, as whoever acts on it will read it
  std::optional<std::string_view> value;  // as sent; nothing without `=`
};

// What cannot be decoded stays as it is.
std::string decoded(std::string_view text) {
  return http::percent_decode(text, http::Plus::kBlank).value_or(std::string(text));
}

std::vector<Parameter> split_query(std::string_view query) {
  std::vector<Parameter> out;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    out.push_back({.name = decoded(pair.substr(0, equals)), .value = std::nullopt});
    if (equals != std::string_view::npos) out.back().value = pair.substr(equals + 1);
  }
  return out;
}

// The signed headers by their names in lower case.
std::map<std::string, std::string> signed_headers(const http::RequestHead& head,
                                                  const std::vector<Parameter>& query, SigV2Form form) {
  const auto counts = [](std::string_view name) {
    return name.starts_with("x-amz-") || name == "content-md5" || name == "content-type" || name == "date";
  };
  std::map<std::string, std::string> out;
  for (const auto& [field_name, value] : head.headers.fields()) {
    std::string name = lower_case(field_name);
    if (!counts(name)) continue;
    const auto [header, is_new] = out.try_emplace(std::move(name), trimmed(value));
    if (!is_new) header->second.append(",").append(trimmed(value));
  }
  if (form == SigV2Form::kHeader) return out;
  std::map<std::string, std::string> moved;
  for (const Parameter& parameter : query) {
    std::string name = lower_case(parameter.name);
    if (!counts(name)) continue;
    const std::string value = decoded(parameter.value.value_or(""));
    const auto [header, is_new] = moved.try_emplace(std::move(name), trimmed(value));
    if (!is_new) header->second.append(",").append(trimmed(value));
  }
  out.merge(moved);
  for (const Parameter& parameter : query) {
    if (parameter.name == "Expires") out["date"] = decoded(parameter.value.value_or(""));
  }
  return out;
}

bool is_bare_bucket(std::string_view path) {
  return path.size() > 1 && path.find('/', 1) == std::string_view::npos;
}

std::string canonical_resource(const http::RequestHead& head, std::string_view bucket,
                               const std::vector<Parameter>& query, ValueForm form, BucketForm bucket_form) {
  std::string out;
  if (!bucket.empty()) out.append("/").append(bucket);
  out.append(head.path());
  if (bucket_form == BucketForm::kWithSlash) out.push_back('/');
  std::vector<Parameter> counted;
  for (const Parameter& parameter : query) {
    if (is_signed_v2(parameter.name)) counted.push_back(parameter);
  }
  std::stable_sort(counted.begin(), counted.end(),
                   [](const Parameter& a, const Parameter& b) { return a.name < b.name; });
  char separator = '?';
  for (const Parameter& parameter : counted) {
    out.push_back(std::exchange(separator, '&'));
    out.append(parameter.name);
    if (!parameter.value) continue;
    out.append("=").append(form == ValueForm::kDecoded ? decoded(*parameter.value)
                                                       : std::string(*parameter.value));
  }
  return out;
}

std::string text_to_sign(const http::RequestHead& head, std::string_view bucket, SigV2Form form,
                         ValueForm value_form, BucketForm bucket_form) {
  const std::vector<Parameter> query = split_query(head.query());
  const std::map<std::string, std::string> headers = signed_headers(head, query, form);
  std::string out = head.method + '\n';
  for (const char* name : {"content-md5", "content-type", "date"}) {
    const auto found = headers.find(name);
    // The date of the header form is empty when x-amz-date, signed below, stands for it.
    const bool counts = found != headers.end() && (found->first != "date" || form == SigV2Form::kQuery ||
                                                   !headers.contains("x-amz-date"));
    if (counts) out.append(found->second);
    out.push_back('\n');
  }
  for (const auto& [name, value] : headers) {
    if (name.starts_with("x-amz-")) out.append(name).append(":").append(value).append("\n");
  }
  return out + canonical_resource(head, bucket, query, value_form, bucket_form);
}

}  // namespace

bool is_signed_v2(std::string_view parameter) {
  return std::find(kSubResources.begin(), kSubResources.end(), parameter) != kSubResources.end();
}

std::string string_to_sign_v2(const http::RequestHead& head, std::string_view bucket, SigV2Form form) {
  return text_to_sign(head, bucket, form, ValueForm::kDecoded, BucketForm::kAsSent);
}

std::string signature_v2(std::string_view secret_key, std::string_view string_to_sign) {
  return base64_encode(hmac_sha1(secret_key, string_to_sign));
}

bool verify_v2(const http::RequestHead& head, std::string_view bucket, SigV2Form form,
               std::string_view secret_key, std::string_view signature) {
  const bool bare_bucket = bucket.empty() && is_bare_bucket(head.path());
  for (const BucketForm bucket_form : {BucketForm::kAsSent, BucketForm::kWithSlash}) {
    if (bucket_form == BucketForm::kWithSlash && !bare_bucket) continue;
    for (const ValueForm value_form : {ValueForm::kDecoded, ValueForm::kAsSent}) {
      const std::string right =
          signature_v2(secret_key, text_to_sign(head, bucket, form, value_form, bucket_form));
      if (equal_constant_time(right, signature)) return true;
    }
  }
  return false;
}

}  // namespace tidemark::auth

#include "api/authorization.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::api {
namespace {

constexpr std::size_t kScopeElements = 5;
constexpr std::size_t kAccountIdDigits = 12;

ApiError incomplete_signature(std::string message) {
  return {ErrorType::kIncompleteSignature, std::move(message)};
}

bool is_account_id(std::string_view text) {
  return text.size() == kAccountIdDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_region(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// `<key id>/<date>/<region>/<service>/aws4_request`
ApiResult<storage::Owner> owner_of(std::string_view credential, const Settings& settings) {
  std::array<std::string_view, kScopeElements> elements;
  std::size_t count = 0;
  for (std::string_view rest = credential;; ++count) {
    const std::size_t slash = rest.find('/');
    if (count < kScopeElements) elements[count] = rest.substr(0, slash);
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (++count != kScopeElements) {
    return fail(
        incomplete_signature("Credential must have exactly 5 slash-delimited elements, e.g. "
                             "keyid/date/region/service/term, got '" +
                             std::string(credential) + "'"));
  }
  const std::string_view key_id = elements[0];
  const std::string_view region = elements[2];
  if (!is_region(region)) {
    return fail(
        ApiError(ErrorType::kInvalidSignature,
                 "Credential should be scoped to a valid region, not '" + std::string(region) + "'. "));
  }
  return storage::Owner{.account_id = is_account_id(key_id) ? std::string(key_id) : settings.account_id,
                        .region = std::string(region)};
}

// The value of `name` in `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`.
std::optional<std::string_view> header_parameter(std::string_view header, std::string_view name) {
  std::string_view rest = header.substr(std::min(header.find(' '), header.size()));
  while (!rest.empty()) {
    const std::size_t start = rest.find_first_not_of(", \t");
    if (start == std::string_view::npos) break;
    rest.remove_prefix(start);
    const std::string_view parameter = rest.substr(0, rest.find_first_of(", \t"));
    rest.remove_prefix(parameter.size());
    if (parameter.size() > name.size() && parameter.starts_with(name) && parameter[name.size()] == '=') {
      return parameter.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

ApiResult<storage::Owner> authorize_by_header(std::string_view header, const http::Headers& headers,
                                              const Settings& settings) {
  const auto credential = header_parameter(header, "Credential");
  std::string missing;
  const auto require = [&missing](bool is_present, std::string_view text) {
    if (is_present) return;
    if (!missing.empty()) missing.push_back(' ');
    missing.append(text);
  };
  require(credential.has_value(), "Authorization header requires 'Credential' parameter.");
  require(header_parameter(header, "Signature").has_value(),
          "Authorization header requires 'Signature' parameter.");
  require(header_parameter(header, "SignedHeaders").has_value(),
          "Authorization header requires 'SignedHeaders' parameter.");
  require(headers.find("X-Amz-Date").has_value() || headers.find("Date").has_value(),
          "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  if (!missing.empty()) {
    return fail(incomplete_signature(missing + " Authorization=" + std::string(header)));
  }
  return owner_of(*credential, settings);
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    if (equals == std::string_view::npos) return std::string();
    return http::percent_decode(pair.substr(equals + 1), true);
  }
  return std::nullopt;
}

ApiResult<storage::Owner> authorize_by_query(std::string_view query, const Settings& settings) {
  std::string missing;
  for (const std::string_view name :
       {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"}) {
    if (query_parameter(query, name).value_or("").empty()) {
      missing.append("AWS query-string parameters must include '").append(name).append("'. ");
    }
  }
  if (!missing.empty())
    return fail(incomplete_signature(missing + "Re-examine the query-string parameters."));
  return owner_of(*query_parameter(query, "X-Amz-Credential"), settings);
}

}  // namespace

ApiResult<storage::Owner> authorize(const http::RequestHead& head, const Settings& settings) {
  const auto header = head.headers.find("Authorization");
  const std::string_view query = head.query();
  const bool by_query = !query.empty() && query_parameter(query, "X-Amz-Algorithm").has_value();
  if (header && by_query) {
    return fail(ApiError(ErrorType::kInvalidSignature,
                         "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP "
                         "header."));
  }
  if (by_query) return authorize_by_query(query, settings);
  if (header && header->starts_with("AWS4-")) return authorize_by_header(*header, head.headers, settings);
  if (!settings.require_authorization) {
    return storage::Owner{.account_id = settings.account_id, .region = settings.region};
  }
  return fail(ApiError(ErrorType::kMissingAuthenticationToken, "Request is missing Authentication Token"));
}

}  // namespace tidemark::api

#include "server/front/account_per_key.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/auth/account.h"
#include "base/auth/sigv4.h"
#include "base/digest.h"

namespace tidemark::server {
namespace {

// `KEY/20260101/us-east-1/s3/aws4_request` with another key; as it is when it is no such scope.
template <class Replace>
std::string replaced_scope(std::string_view scope, Replace replace) {
  const auto parts = auth::split_credential(scope);
  if (!parts) return std::string(scope);
  return replace(parts->access_key).append(scope.substr(parts->access_key.size()));
}

}  // namespace

std::string AccountPerKey::replaced(std::string_view access_key) const {
  if (access_key.empty() || known_.find(access_key) != nullptr) return std::string(access_key);
  return account_of_key(access_key);
}

std::string AccountPerKey::replaced_header(std::string_view header) const {
  const auto replace = [this](std::string_view key) { return replaced(key); };
  static constexpr std::string_view kVersion2 = "AWS ";
  if (header.starts_with(kVersion2)) {
    const std::string_view rest = header.substr(kVersion2.size());
    const std::size_t end = std::min(rest.find(':'), rest.size());
    return std::string(kVersion2) + replaced(rest.substr(0, end)) + std::string(rest.substr(end));
  }
  static constexpr std::string_view kName = "Credential=";
  const std::size_t name = header.find(kName);
  if (name == std::string_view::npos) return std::string(header);
  const std::size_t begin = name + kName.size();
  const std::size_t end = std::min(header.find_first_of(", ", begin), header.size());
  return std::string(header.substr(0, begin)) + replaced_scope(header.substr(begin, end - begin), replace) +
         std::string(header.substr(end));
}

std::string AccountPerKey::replaced_target(const std::string& target) const {
  const std::size_t question = target.find('?');
  if (question == std::string::npos) return target;
  std::string out = target.substr(0, question + 1);
  std::string_view rest = std::string_view(target).substr(question + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (out.back() != '?') out += '&';
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    const bool is_scope = name == "X-Amz-Credential";
    if ((!is_scope && name != "AWSAccessKeyId") || equals == pair.size()) {
      out += pair;
      continue;
    }
    const auto value = http::percent_decode(pair.substr(equals + 1), http::Plus::kBlank);
    if (!value) {
      out += pair;
      continue;
    }
    const auto replace = [this](std::string_view key) { return replaced(key); };
    const std::string text = is_scope ? replaced_scope(*value, replace) : replaced(*value);
    out.append(name).append("=").append(http::percent_encode(text, http::Slash::kEncoded));
  }
  return out;
}

Result<std::unique_ptr<http::Exchange>, http::Response> AccountPerKey::begin(http::RequestHead head) {
  if (head.headers.find("Authorization")) {
    http::Headers headers;
    headers.reserve(head.headers.fields().size());
    for (const auto& [name, value] : head.headers.fields()) {
      const bool is_authorization = http::equal_ignoring_case(name, "Authorization");
      headers.add(name, is_authorization ? replaced_header(value) : value);
    }
    head.headers = std::move(headers);
  }
  head.target = replaced_target(head.target);
  return next_.begin(std::move(head));
}

}  // namespace tidemark::server

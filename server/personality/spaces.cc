#include "server/personality/spaces.h"

#include <array>
#include <vector>

#include "base/auth/account.h"
#include "base/digest.h"

namespace tidemark::server {
namespace {

constexpr std::string_view kCredential = "Credential=";

}  // namespace

std::string account_of_key(std::string_view access_key) {
  if (auth::is_account_id(access_key)) return std::string(access_key);
  // None begins with a zero: those are more likely to be chosen by hand.
  constexpr std::uint64_t kSmallest = 100'000'000'000;
  const std::string digest = digest_of(DigestAlgorithm::kSha256, "account-of-key:" + std::string(access_key));
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number = number << 8U | static_cast<unsigned char>(digest[i]);
  }
  return std::to_string(kSmallest + number % (9 * kSmallest));
}

// `Credential=<key>/<date>/<region>/dynamodb/aws4_request`; the key may have slashes. Anything else stays:
// its error is the service's to word.
std::string SpaceMapper::mapped(std::string_view authorization) const {
  std::string text(authorization);
  const std::size_t name = text.find(kCredential);
  if (name == std::string::npos) return text;
  const std::size_t begin = name + kCredential.size();
  const std::size_t end = std::min(text.find_first_of(", ", begin), text.size());
  std::string_view scope = std::string_view(text).substr(begin, end - begin);
  std::array<std::string_view, 4> parts;  // term, service, region, date
  for (std::string_view& part : parts) {
    const std::size_t slash = scope.rfind('/');
    if (slash == std::string_view::npos) return text;
    part = scope.substr(slash + 1);
    scope = scope.substr(0, slash);
  }
  if (parts[1] != "dynamodb" || scope.empty()) return text;
  const bool is_one = spaces_ == Spaces::kOne;
  const std::string region = is_one ? region_ : std::string(parts[2]);
  std::string fresh = (is_one ? account_ : account_of_key(scope)) + '/' + std::string(parts[3]) + '/' +
                      region + "/dynamodb/" + std::string(parts[0]);
  text.replace(begin, end - begin, fresh);
  return text;
}

Result<std::unique_ptr<http::Exchange>, http::Response> SpaceMapper::begin(http::RequestHead head) {
  const auto authorization = head.headers.find("Authorization");
  if (!authorization || !authorization->starts_with("AWS4-")) return next_.begin(std::move(head));
  http::Headers headers;
  headers.reserve(head.headers.fields().size());
  for (const auto& [name, value] : head.headers.fields()) {
    const bool is_it = http::equal_ignoring_case(name, "Authorization");
    headers.add(name, is_it ? mapped(value) : value);
  }
  head.headers = std::move(headers);
  return next_.begin(std::move(head));
}

}  // namespace tidemark::server

#include "api/jobs/s3_parameters.h"

#include <algorithm>
#include <cctype>

#include "base/auth/account.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

ApiError pattern_violation(std::string_view value, std::string_view path, std::string_view member,
                           std::string_view pattern) {
  return validation(words::violations_detected(
      {words::violation(value, std::string(path) + std::string(member),
                        "Member must satisfy regular expression pattern: " + std::string(pattern))}));
}

}  // namespace

std::optional<std::string> optional_string(const Input& input, std::string_view member) {
  const auto text = input.string(member);
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

ApiResult<void> check_bucket(std::string_view bucket, const std::optional<std::string>& owner,
                             std::string_view path) {
  const bool well_formed = bucket.size() >= 2 && is_alnum(bucket.front()) && is_alnum(bucket.back()) &&
                           std::all_of(bucket.begin(), bucket.end(), [](char c) {
                             return is_alnum(c) || c == '.' || c == '-' || c == '_';
                           });
  if (!well_formed) {
    return fail(pattern_violation(bucket, path, "s3Bucket", "^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$"));
  }
  if (owner && !auth::is_account_id(*owner)) {
    return fail(pattern_violation(*owner, path, "s3BucketOwner", "[0-9]{12}"));
  }
  return {};
}

}  // namespace tidemark::api

// The policy document of a browser upload: what a form that its author has signed may contain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

struct PostPolicy {
  struct Condition {
    bool is_prefix = false;  // starts-with, else equal
    std::string field;       // lower case
    std::string value;
    std::string text;  // for messages
  };
  struct SizeRange {
    std::uint64_t min = 0;
    std::uint64_t max = 0;
  };

  Timestamp expiration;
  std::vector<Condition> conditions;
  std::optional<SizeRange> size_range;  // content-length-range: of the file, both ends included
};

// From the form field: JSON in base64. Errors: InvalidPolicyDocument.
S3Result<PostPolicy> parse_post_policy(std::string_view base64);

// `fields` are those of the form in front of the file, names in lower case, variables replaced, and `bucket`.
// Each must be covered by a condition, and each condition hold; expired is expired. The size is not judged.
// Errors: AccessDenied.
S3Result<void> check_post_policy(const PostPolicy& policy, const NamedValues& fields, Timestamp now);
S3Error policy_expired();

}  // namespace tidemark::s3emu

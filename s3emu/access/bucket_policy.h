// Bucket policies: policies (base/auth/policy/policy.h) in the language of S3. Requests' resources are
// `bucket` and `bucket/key`, without `arn:aws:s3:::`.
#pragma once

#include <string>
#include <string_view>

#include "base/auth/policy/policy.h"
#include "s3emu/s3_error.h"

namespace tidemark::s3emu {

// Judges the text as PutBucketPolicy does. Errors: MalformedPolicy.
S3Result<auth::Policy> parse_bucket_policy(std::string_view text, const std::string& bucket);

}  // namespace tidemark::s3emu

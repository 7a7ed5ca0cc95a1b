// Checks that exports and imports share about the buckets they are given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/core/error.h"
#include "api/core/input.h"

namespace tidemark::api {

std::optional<std::string> optional_string(const Input& input, std::string_view member);

// The patterns of S3Bucket and S3BucketOwner. `path` is what stands before the members in messages: empty, or
// `s3BucketSource.`. Errors: ValidationException.
ApiResult<void> check_bucket(std::string_view bucket, const std::optional<std::string>& owner,
                             std::string_view path);

}  // namespace tidemark::api

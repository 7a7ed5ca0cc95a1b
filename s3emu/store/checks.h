// What names, keys and locks must be like.
#pragma once

#include <string_view>

#include "s3emu/store/object_types.h"

namespace tidemark::s3emu {

// Errors: InvalidBucketName.
S3Result<void> check_bucket_name(std::string_view name);
// Errors: KeyTooLongError, InvalidArgument, InvalidURI.
S3Result<void> check_key(std::string_view key);
// Whether an object of that bucket may have such a lock. Errors: InvalidRequest.
S3Result<void> check_lock(const BucketInfo& bucket, const ObjectLock& lock);
// That buckets without object lock have no locks, and that a lock is in force.
S3Error no_object_lock();
S3Error protected_by_lock();
// Whether `etag` satisfies `wanted`, an ETag or `*`.
bool etag_matches(std::string_view wanted, std::string_view etag);

}  // namespace tidemark::s3emu

// What names, keys, numbers of parts, digests and locks must be like, and what is answered when they are not.
#pragma once

#include <string_view>

#include "s3emu/store/object_types.h"

namespace tidemark::s3emu {

// Errors: InvalidBucketName.
S3Result<void> check_bucket_name(std::string_view name);
// Errors: KeyTooLongError, InvalidArgument, InvalidURI.
S3Result<void> check_key(std::string_view key);
// An argument `partNumber` that is none; who has its text adds it as ArgumentValue.
S3Error bad_part_number();
// The algorithm that a request names. Errors: InvalidRequest.
S3Result<ChecksumAlgorithm> check_algorithm(std::string_view name);
// A checksum of another algorithm than the upload's. kNone: there is none.
S3Error other_algorithm(ChecksumAlgorithm of_upload, ChecksumAlgorithm sent);
// Bytes that are not those of which the client sent the digest: BadDigest.
S3Error md5_mismatch();
S3Error checksum_mismatch(ChecksumAlgorithm algorithm);
// Whether an object of that bucket may have such a lock. Errors: InvalidRequest.
S3Result<void> check_lock(const BucketInfo& bucket, const ObjectLock& lock);
// That buckets without object lock have no locks, and that a lock is in force.
S3Error no_object_lock();
S3Error protected_by_lock();
// Whether `etag` satisfies `wanted`, an ETag or `*`.
bool etag_matches(std::string_view wanted, std::string_view etag);

}  // namespace tidemark::s3emu

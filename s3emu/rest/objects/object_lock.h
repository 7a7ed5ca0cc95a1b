// Object lock: the default retention of a bucket, and what requests say about a version's lock.
#pragma once

#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// The lock of a new version: what the x-amz-object-lock-* headers ask for, completed by the bucket's default
// retention. Errors: NoSuchBucket, InvalidRequest, InvalidArgument.
S3Result<ObjectLock> lock_of(S3Context& context, const S3Request& request);
// Whether the request asks for a lock of its own.
bool names_lock(const S3Request& request);
// x-amz-object-lock-*, as far as they say something.
void add_lock_headers(http::Response* response, const ObjectLock& lock);
// Whether the request asks to pass over a governance retention.
bool bypasses_governance(const S3Request& request);

}  // namespace tidemark::s3emu

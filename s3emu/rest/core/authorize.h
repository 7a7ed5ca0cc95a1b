// Whether the caller of a request may do what it asks.
#pragma once

#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// Judges the operation with everything it takes: the source of a copy, ACLs, tags and locks that the request
// gives to a new object, x-amz-expected-bucket-owner. What it finds holds for this moment only: a request
// whose body was waited for is judged again. With keys of the body pending, only what no body could make
// right is refused. Never blocks for long. Errors: AccessDenied; NoSuchBucket;
// NoSuchKey and the like for callers who may know that there is no object to read or to change.
S3Result<void> authorize(S3Context& context, const S3Request& request, const S3Operation& operation,
                         BodyKeys body_keys = {});

// Judges one deletion of DeleteObjects as if it were a request of its own.
S3Result<void> authorize_deletion(S3Context& context, const S3Request& request, const Deletion& deletion);

// Judges the tags of a copy's source, which go with it; `names_version`: the request names a version of it.
S3Result<void> authorize_copied_tags(S3Context& context, const S3Request& request, const CopySource& source,
                                     bool names_version, const NamedValues& tags);

}  // namespace tidemark::s3emu

// Whether the caller of a request may do what it asks.
#pragma once

#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// Judges the operation with everything it takes: the source of a copy, ACLs, tags and locks that the request
// gives to a new object, x-amz-expected-bucket-owner. Never blocks for long. Errors: AccessDenied;
// NoSuchKey and the like for callers who may know that there is no object to read or to change.
S3Result<void> authorize(OperationContext& context, const S3Request& request, const Operation& operation);

// Judges one action on another key of the request's bucket, as DeleteObjects does for each of its keys.
S3Result<void> authorize_key(OperationContext& context, const S3Request& request, std::string_view action,
                             const std::string& key, const VersionChoice& version);

// Judges the tags of a copy's source, which go with it; `names_version`: the request names a version of it.
S3Result<void> authorize_source_tags(OperationContext& context, const S3Request& request,
                                     const CopySource& source, bool names_version);

}  // namespace tidemark::s3emu

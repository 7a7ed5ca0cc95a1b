// Object metadata: from request headers into the store, and from the store into response headers.
#pragma once

#include "s3emu/rest/core/answers.h"
#include "s3emu/rest/core/request.h"

namespace tidemark::s3emu {

// Content-Type and its kin, x-amz-meta-*, tags, storage class; also judges encryption headers.
// Errors: MetadataTooLarge, InvalidStorageClass, InvalidTag, InvalidArgument, NotImplemented, InvalidRequest.
S3Result<ObjectMetadata> metadata_of(const S3Request& request);

// ETag, Last-Modified, Content-Type, metadata. The response-* parameters of the request replace the stored
// ones.
void add_object_headers(http::Response* response, const ObjectDetails& object, const S3Request& request);

}  // namespace tidemark::s3emu

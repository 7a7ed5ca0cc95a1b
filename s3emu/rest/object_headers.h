// Object metadata: from request headers into the store, and from the store into response headers.
#pragma once

#include "s3emu/rest/answers.h"
#include "s3emu/rest/request.h"

namespace tidemark::s3emu {

// Content-Type and its kin, x-amz-meta-*, tags, storage class; also judges x-amz-acl and encryption headers.
// Errors: MetadataTooLarge, InvalidStorageClass, InvalidTag, InvalidArgument, NotImplemented, InvalidRequest.
S3Result<ObjectMetadata> metadata_of(const S3Request& request);

// `a=1&b=2`, percent-encoded. Errors: InvalidTag, InvalidArgument.
S3Result<NamedValues> parse_tag_header(std::string_view text);
// A <Tagging> document (tagging.cc). Errors: MalformedXML, InvalidTag.
S3Result<NamedValues> parse_tagging(const std::string& body);
// At most ten, no key twice, lengths in characters. Errors: InvalidTag, InvalidRequest.
S3Result<void> check_tags(const NamedValues& tags);

// ETag, Last-Modified, Content-Type, metadata. The response-* parameters of the request replace the stored
// ones.
void add_object_headers(http::Response* response, const ObjectDetails& object, const S3Request& request);

}  // namespace tidemark::s3emu

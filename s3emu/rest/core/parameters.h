// What handlers share: parameters of requests and members of answers.
#pragma once

#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// A whole number parameter of at most 2^31-1, `fallback` when absent. Errors: InvalidArgument.
S3Result<std::size_t> count_param(const S3Request& request, std::string_view name, std::size_t fallback);
// A continuation token that no answer had.
S3Error bad_continuation_token();
// Whether encoding-type=url was asked for. Errors: InvalidArgument for any other value.
S3Result<bool> wants_url_encoding(const S3Request& request);
// As S3 writes it then: percent-encoded but for slashes, and a blank is a `+`.
std::string encoded_if(bool url_encoding, std::string_view text);
// The version the request names with versionId.
VersionChoice version_choice(const S3Request& request);
// x-amz-version-id, unless the bucket never had versioning.
void add_version_header(http::Response* response, const std::string& version_id);
// The same of an object just written: none either for the `null` version, which a bucket makes whose
// versioning is suspended.
void add_new_version_header(http::Response* response, const std::string& version_id);
// Whose is what the caller makes.
ObjectOwner caller_as_owner(const S3Context& context, const S3Request& request);
void write_owner(XmlWriter* xml, std::string_view element, const S3Options& options);
void write_owner(XmlWriter* xml, std::string_view element, const ObjectOwner& owner,
                 const S3Options& options);
// URL of the request's key in the style the request used.
std::string object_url(const S3Request& request);
std::string_view storage_class_name(const std::string& stored);

}  // namespace tidemark::s3emu

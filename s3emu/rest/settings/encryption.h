// How new objects of a bucket are encrypted, as answers tell it. Objects are stored as they come.
#pragma once

#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// Its value is that of an SSEAlgorithm. What else there is to say stands in headers whose names go on from
// it.
inline constexpr const char* kEncryptionHeader = "x-amz-server-side-encryption";

bool is_encryption_header(std::string_view name);

// Adds to the headers of a new object the default of its bucket, unless they name an encryption. AES256,
// which S3 gives to what has no other, is not kept. Errors: NoSuchBucket.
S3Result<void> apply_default_encryption(S3Context& context, const std::string& bucket, NamedValues* headers);

// Those of an object's headers that tell its encryption, or AES256.
void add_encryption_headers(http::Response* response, const NamedValues& headers);

}  // namespace tidemark::s3emu

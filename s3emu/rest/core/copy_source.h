// What a copy is made of.
#pragma once

#include "s3emu/rest/core/request.h"

namespace tidemark::s3emu {

// x-amz-copy-source: `/bucket/key?versionId=...`, percent-encoded, the slash in front optional.
// Errors: InvalidArgument.
S3Result<CopySource> parse_copy_source(const S3Request& request);

}  // namespace tidemark::s3emu

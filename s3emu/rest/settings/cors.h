// Cross-origin requests of browsers.
#pragma once

#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// The answer to OPTIONS.
S3Result<http::Response> preflight(S3Context& context, const S3Request& request);
// Whether a page of that origin may send the request, apart from its headers, which only a preflight tells.
bool cors_lets(S3Context& context, const S3Request& request, std::string_view origin);
// What a browser needs to see on the answer of a cross-origin request, also on errors.
void add_cors_headers(S3Context& context, const S3Request& request, http::Response* response);

}  // namespace tidemark::s3emu

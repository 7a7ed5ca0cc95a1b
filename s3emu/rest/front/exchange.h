// Requests in progress: the body comes in, the operation runs, the answer gets what stands in every answer.
#pragma once

#include <memory>

#include "s3emu/rest/core/operation.h"
#include "s3emu/store/object_events.h"

namespace tidemark::s3emu {

// Request id and CORS headers; a HEAD keeps the headers and the length of its body, not the body.
http::Response sealed(S3Context& context, const S3Request& request, http::Response response);
// The error as the answer.
http::Response refused(S3Context& context, const S3Request& request, const S3Error& error);

// The body is collected if the operation wants it; then the caller is judged, and the operation runs.
std::unique_ptr<http::Exchange> buffered_exchange(S3Context context, S3Request request, Payload payload,
                                                  const S3Operation& operation);
// The body goes to the sink as it comes; the caller is judged, again, before the sink finishes.
std::unique_ptr<http::Exchange> stream_exchange(S3Context context, S3Request request, Payload payload,
                                                const S3Operation& operation, std::unique_ptr<BodySink> sink);

}  // namespace tidemark::s3emu

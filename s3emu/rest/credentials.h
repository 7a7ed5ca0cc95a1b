// Who sends a request.
#pragma once

#include "s3emu/rest/request.h"
#include "s3emu/rest/service.h"

namespace tidemark::s3emu {

// Judges the credentials without verifying them (open mode) and sets presigned, authenticated and caller.
// Errors: AccessDenied when a presigned URL has expired; malformed ones with their own codes.
S3Result<void> identify(S3Request* request, const S3Service::Options& options, Timestamp now);

}  // namespace tidemark::s3emu

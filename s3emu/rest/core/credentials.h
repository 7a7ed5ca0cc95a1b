// Who sends a request.
#pragma once

#include "s3emu/rest/core/options.h"
#include "s3emu/rest/core/request.h"

namespace tidemark::s3emu {

// Sets presigned, authenticated, caller and expires, and in strict mode chunk_signatures. Credentials must be
// well-formed and a presigned URL must not have expired. In open mode that is all: a known access key means
// its account, everything else the owner. In strict mode signatures are verified, and without any the caller
// is anonymous. Errors: AccessDenied when a presigned URL has expired; malformed ones with their own codes;
// those of signatures.h.
S3Result<void> identify(S3Request* request, const S3Options& options, Timestamp now);

// For the moment in which an identified request is carried out, which may be long after its head has come.
// Whoever began a body of `body_bytes` in time may go on sending at http::kBodyBytesPerSecondMin, as S3 lets
// transfers end that were begun in time. Errors: AccessDenied, RequestTimeTooSkewed.
S3Result<void> check_not_expired(const S3Request& request, const S3Options& options, Timestamp now,
                                 std::uint64_t body_bytes);

// Who sends a browser upload whose form, names of fields in lower case, has a policy and a signature: in
// strict mode who signed the policy, in open mode whose access key it names, or the owner. Errors: those of
// verify_form().
S3Result<Caller> identify_form(const NamedValues& fields, std::string_view policy, const S3Options& options);

}  // namespace tidemark::s3emu

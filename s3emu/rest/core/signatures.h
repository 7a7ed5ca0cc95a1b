// Strict mode: whose the signature of a request is.
#pragma once

#include "base/auth/authority.h"
#include "s3emu/rest/core/request.h"

namespace tidemark::s3emu {

// What X-Amz-Algorithm, in a query or a form, is refused with.
inline constexpr const char* kOtherSigningAlgorithm = "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"";

// The first three functions expect a request whose credentials are well-formed and not expired (see
// identify()), and return the account that signed it. Errors: InvalidAccessKeyId, SignatureDoesNotMatch,
// AccessDenied, RequestTimeTooSkewed, InvalidRequest, InvalidArgument, AuthorizationHeaderMalformed,
// AuthorizationQueryParametersError.

// By the Authorization header, version 4 or 2. Also sets `expires`.
S3Result<auth::Account> verify_header(S3Request* request, const auth::Authority& authority, Timestamp now);
// By the query of a presigned URL.
S3Result<auth::Account> verify_presigned_v4(S3Request* request, const auth::Authority& authority);
S3Result<auth::Account> verify_presigned_v2(const S3Request& request, const auth::Authority& authority);

// What a request that verify_header() took is refused with once the clock has gone on too far.
S3Error request_time_too_skewed(const http::Headers& headers, const auth::Authority& authority,
                                Timestamp now);

// By the fields of a browser upload, names in lower case, which sign its policy; `policy` is the field as it
// came.
S3Result<auth::Account> verify_form(const NamedValues& fields, std::string_view policy,
                                    const auth::Authority& authority);

// Adds what a client needs to find out what it signed otherwise.
S3Error signature_mismatch(std::string_view access_key, std::string_view signature,
                           std::string_view string_to_sign, std::string_view canonical_request = {});
S3Error unknown_access_key(std::string_view access_key);

}  // namespace tidemark::s3emu

// Who asks: the shape of Signature Version 4 is checked always, the signature itself in strict mode.
#pragma once

#include <string_view>

#include "api/core/context.h"
#include "api/core/error.h"
#include "base/clock.h"
#include "base/http_message.h"
#include "storage/catalog.h"

namespace tidemark::api {

inline constexpr std::string_view kDynamoDbScope = "dynamodb";

// The account and region of a request with that body. The region is that of the credential scope. The account
// is that of the access key if settings.authority knows it. In strict mode nobody else is served; in open
// mode the account of others is the access key itself when that consists of exactly 12 digits, which gives
// each test suite its own tables, and settings.account_id otherwise. Errors, in the service's words:
// MissingAuthenticationToken-, IncompleteSignature-, InvalidSignature-, UnrecognizedClientException.
// `service` is what a signature must be for.
ApiResult<storage::Owner> authorize(const http::RequestHead& head, std::string_view body,
                                    const Settings& settings, Timestamp now,
                                    std::string_view service = kDynamoDbScope);

// What of it can be judged before the body is there: everything but the signature. Errors: the same.
ApiResult<void> authorize_head(const http::RequestHead& head, const Settings& settings, Timestamp now);

}  // namespace tidemark::api

// Who asks: the shape of Signature Version 4 is checked, the signature is not. Any access key is served.
#pragma once

#include <string_view>

#include "api/context.h"
#include "api/error.h"
#include "base/http_message.h"
#include "storage/catalog.h"

namespace tidemark::api {

// The account and region of a request. The region is that of the credential scope. The account is the access
// key id when that consists of exactly 12 digits, which gives each test suite its own tables; otherwise
// settings.account_id.
// Errors, in the service's words: MissingAuthenticationToken-, IncompleteSignature-,
// InvalidSignatureException.
ApiResult<storage::Owner> authorize(const http::RequestHead& head, const Settings& settings);

}  // namespace tidemark::api

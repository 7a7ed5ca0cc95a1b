// A table as a running server describes it.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "server/client/signed_client.h"

namespace tidemark::server {

// The member Table of what DescribeTable answers; an object, which `document` owns. Errors: kUnavailable, or
// the words of the server.
Result<json::Value> described_table(const SignedClient& client, std::string_view table,
                                    json::Document* document);

}  // namespace tidemark::server

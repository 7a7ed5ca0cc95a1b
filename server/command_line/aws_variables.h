// What the variables of AWS' own tools and SDKs say to the commands that ask a running server, where no
// option does: which server, and which region. Source: AWS SDKs and Tools Reference Guide, "Service-specific
// endpoints" and "AWS Region".
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "server/client/local_client.h"
#include "server/environment.h"

namespace tidemark::server {

// AWS_ENDPOINT_URL_DYNAMODB, or AWS_ENDPOINT_URL; nothing when neither is set, or when
// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true. Of `https://` host and port count: a server that speaks HTTPS
// takes plain HTTP from its own machine. Errors: kInvalidArgument, naming the variable, also for `https://`
// of another machine.
Result<std::optional<ServerAddress>> aws_endpoint(const Environment& environment);

// AWS_REGION, or AWS_DEFAULT_REGION, which is older; empty when neither is set.
std::string aws_region(const Environment& environment);

}  // namespace tidemark::server

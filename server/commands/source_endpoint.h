// The S3 service elsewhere that `tidemark load` and `tidemark apply` read exports from, when it is told.
#pragma once

#include <optional>
#include <string>

#include "base/file.h"
#include "base/net/s3_endpoint.h"
#include "base/result.h"
#include "server/environment.h"

namespace tidemark::server {

// Our keys at an S3 service elsewhere, from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
// Nothing where one of the first two is missing.
std::optional<auth::SigningIdentity> environment_identity(const Environment& environment);

// As the options have it; named like the flags of `serve`.
struct SourceEndpointOptions {
  std::string url;  // empty: the S3 of the running server
  std::string credentials;
  std::string profile;
  std::string region = "us-east-1";
  std::string style = "path";
  std::string ca;
};

// Nothing without a URL. Keys come from the file, or else from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
// AWS_SESSION_TOKEN. Errors: kInvalidArgument, one line for the user.
Result<std::optional<S3Endpoint>> source_endpoint(const SourceEndpointOptions& options,
                                                  const Environment& environment, FileSystem& files);

}  // namespace tidemark::server

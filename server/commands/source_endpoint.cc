#include "server/commands/source_endpoint.h"

#include <utility>

namespace tidemark::server {
namespace {

Result<auth::SigningIdentity> identity_of(const SourceEndpointOptions& options,
                                          const Environment& environment, FileSystem& files) {
  if (!options.credentials.empty()) {
    auto identity = load_identity(files, options.credentials, options.profile);
    if (identity) return identity;
    return fail(Error::invalid_argument("--s3-endpoint-credentials: " + identity.error().message));
  }
  if (auto identity = environment_identity(environment)) return *std::move(identity);
  return fail(Error::invalid_argument(
      "--s3-endpoint needs keys: give --s3-endpoint-credentials FILE, or AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY"));
}

}  // namespace

std::optional<auth::SigningIdentity> environment_identity(const Environment& environment) {
  auth::SigningIdentity identity{.access_key = environment("AWS_ACCESS_KEY_ID").value_or(""),
                                 .secret_key = environment("AWS_SECRET_ACCESS_KEY").value_or(""),
                                 .session_token = environment("AWS_SESSION_TOKEN").value_or(""),
                                 .region = {}};
  if (identity.access_key.empty() || identity.secret_key.empty()) return std::nullopt;
  return identity;
}

Result<std::optional<S3Endpoint>> source_endpoint(const SourceEndpointOptions& options,
                                                  const Environment& environment, FileSystem& files) {
  if (options.url.empty()) return std::nullopt;
  S3Endpoint endpoint;
  auto address = parse_s3_address(options.url);
  if (!address) return fail(Error::invalid_argument("--s3-endpoint: " + address.error().message));
  endpoint.address = *std::move(address);
  ASSIGN_OR_RETURN(endpoint.identity, identity_of(options, environment, files));
  endpoint.identity.region = options.region;
  if (options.style != "path" && options.style != "host") {
    return fail(Error::invalid_argument("--s3-endpoint-style: '" + options.style + "' is not path or host"));
  }
  endpoint.style = options.style == "host" ? BucketStyle::kHost : BucketStyle::kPath;
  endpoint.ca_file = options.ca;
  return endpoint;
}

}  // namespace tidemark::server

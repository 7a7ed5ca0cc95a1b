#include "server/program/doors.h"

#include "server/program/admin_routes.h"

namespace tidemark::server {
namespace {

struct Ways {
  http::Service* everything;
  http::Service* s3_alone;
};

// From a request to the service that it is for, by what it says of itself.
Ways route(ServerParts* parts) {
  parts->router = std::make_unique<EndpointRouter>(
      EndpointRouter::Services{
          .dynamodb = *parts->dynamodb, .s3 = *parts->s3, .sts = *parts->sts, .logs = *parts->logs},
      parts->base_domains);
  return {.everything = parts->router.get(), .s3_alone = parts->s3.get()};
}

// Where callers are not told apart by their account.
Ways tell_callers_apart(const ServeConfig& config, Ways ways, ServerParts* parts) {
  if (config.spaces != Spaces::kAccount) {
    parts->spaces =
        std::make_unique<SpaceMapper>(*ways.everything, config.spaces, config.account_id, config.region);
    ways.everything = parts->spaces.get();
  }
  if (config.account_per_key) {
    const auth::CredentialList& known = parts->authority->credentials();
    parts->shared_accounts = std::make_unique<AccountPerKey>(*ways.everything, known);
    parts->s3_accounts = std::make_unique<AccountPerKey>(*ways.s3_alone, known);
    ways = {.everything = parts->shared_accounts.get(), .s3_alone = parts->s3_accounts.get()};
  }
  return ways;
}

}  // namespace

void build_doors(const ServeConfig& config, ServerParts* parts) {
  const Ways ways = tell_callers_apart(config, route(parts), parts);
  parts->shared_tap = std::make_unique<RequestTap>(*ways.everything, parts->ring, parts->clock);
  parts->s3_tap = std::make_unique<RequestTap>(*ways.s3_alone, parts->ring, parts->clock);
  const admin::AdminOptions admin_options{
      .changes_from_loopback_only = config.strict_auth || config.account_per_key,
      .because = config.strict_auth ? "--auth strict" : "--account-per-key"};
  parts->shared_port =
      std::make_unique<admin::AdminService>(*parts->shared_tap, admin_routes(config, parts), admin_options);
  parts->s3_port =
      std::make_unique<admin::AdminService>(*parts->s3_tap, admin_routes(config, parts), admin_options);
}

}  // namespace tidemark::server

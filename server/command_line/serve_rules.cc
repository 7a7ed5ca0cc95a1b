#include "server/command_line/serve_rules.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "server/commands/source_endpoint.h"

namespace tidemark::server {
namespace {

// No port twice. Nobody asked for S3's own port: then whoever is there by name goes before.
Result<void> settle_ports(const GivenSettings& settings, ServeConfig* config) {
  config->s3_port_by_default = !settings.contains("s3-port");
  std::vector<std::uint16_t> taken = {config->port};
  for (const ListenerConfig& listener : config->listeners) {
    if (listener.port != 0 && std::find(taken.begin(), taken.end(), listener.port) != taken.end()) {
      return fail(Error::invalid_argument(settings.at("listen").source + ": port " +
                                          std::to_string(listener.port) + " is given more than once"));
    }
    taken.push_back(listener.port);
  }
  if (config->console_port.value_or(0) != 0) {
    const std::uint16_t port = *config->console_port;
    const bool is_s3_port = !config->s3_port_by_default && config->s3_port == port;
    if (is_s3_port || std::find(taken.begin(), taken.end(), port) != taken.end()) {
      return fail(Error::invalid_argument("--console-port: " + std::to_string(port) +
                                          " is taken by another service of this server"));
    }
    taken.push_back(port);
  }
  const bool is_taken = config->s3_port && *config->s3_port != 0 &&
                        std::find(taken.begin(), taken.end(), *config->s3_port) != taken.end();
  if (!is_taken) return {};
  if (config->s3_port_by_default) {
    config->s3_port.reset();
    return {};
  }
  if (*config->s3_port == config->port) {
    return fail(
        Error::invalid_argument("--s3-port: " + std::to_string(config->port) +
                                " is the port of DynamoDB already, where S3 answers, too; `off` will do"));
  }
  return fail(Error::invalid_argument("--s3-port: " + std::to_string(*config->s3_port) +
                                      " is a port of --listen already"));
}

// Whose requests are whose.
Result<void> check_auth(const GivenSettings& settings, const ServeConfig& config) {
  if (config.strict_auth && config.account_per_key) {
    return fail(Error::invalid_argument(settings.at("account-per-key").source +
                                        ": with --auth strict the credentials file says whose a key is"));
  }
  if (config.strict_auth && config.credentials_file.empty()) {
    return fail(Error::invalid_argument(settings.at("auth").source +
                                        ": strict needs to know who may call: --credentials FILE"));
  }
  return {};
}

Result<void> check_spaces(const GivenSettings& settings, const ServeConfig& config) {
  if (config.spaces == Spaces::kAccount) return {};
  if (config.strict_auth) {
    return fail(Error::invalid_argument(settings.at("spaces").source +
                                        ": with --auth strict tables are those of the key's account"));
  }
  if (config.account_per_key) {
    return fail(Error::invalid_argument(settings.at("spaces").source +
                                        ": with --account-per-key tables are those of the key's account"));
  }
  return {};
}

// As whom the seed is sown: the server's own account, or, where keys count, those of the environment.
Result<void> settle_seed(const GivenSettings& settings, const Environment& environment, ServeConfig* config) {
  config->seed_identity.region = config->region;
  const bool keys_count = config->strict_auth || config->account_per_key;
  if (config->seed.empty() || !keys_count) return {};
  const auto access_key = environment("AWS_ACCESS_KEY_ID");
  const auto secret_key = environment("AWS_SECRET_ACCESS_KEY");
  if (!access_key || !secret_key) {
    return fail(Error::invalid_argument(settings.at("seed").source +
                                        ": whose the tables are say AWS_ACCESS_KEY_ID and "
                                        "AWS_SECRET_ACCESS_KEY, which are not set"));
  }
  config->seed_identity.access_key = *access_key;
  config->seed_identity.secret_key = *secret_key;
  return {};
}

// Which certificate, if any. Names are checked when it is made.
Result<void> check_tls(const GivenSettings& settings, const ServeConfig& config) {
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return fail(Error::invalid_argument("--tls-cert and --tls-key need each other"));
  }
  if (config.tls_self_signed && !config.tls_cert.empty()) {
    return fail(Error::invalid_argument("--tls-self-signed and --tls-cert exclude each other"));
  }
  for (const char* const name : {"tls-name", "tls-ca-file"}) {
    const auto given = settings.find(name);
    if (given == settings.end() || config.tls_self_signed) continue;
    return fail(Error::invalid_argument(given->second.source + " needs --tls-self-signed"));
  }
  const auto plain = settings.find("tls-also-plain");
  if (config.tls_also_plain && !config.has_tls()) {
    return fail(Error::invalid_argument(plain->second.source + " needs --tls-cert or --tls-self-signed"));
  }
  return {};
}

// What is late is kept in memory, and streams forget what is older than a day.
Result<void> check_replica_lag(const GivenSettings& settings, const ServeConfig& config) {
  if (config.replica_lag <= std::chrono::hours(1)) return {};
  return fail(Error::invalid_argument(settings.at("replica-lag").source + ": at most PT1H"));
}

// The service's own times, where none were given.
void settle_times(const GivenSettings& settings, ServeConfig* config) {
  const auto default_to = [&settings](const char* name, auto* target, auto value) {
    if (!settings.contains(name)) *target = value;
  };
  default_to("delay-transient-statuses", &config->delay_transient_statuses, true);
  default_to("ttl-lag", &config->ttl_lag, std::chrono::hours(48));
  default_to("replica-lag", &config->replica_lag, std::chrono::seconds(1));
  default_to("pitr-lag", &config->pitr_lag, std::chrono::minutes(5));
  default_to("export-duration", &config->export_duration, std::chrono::minutes(5));
  default_to("import-duration", &config->import_duration, std::chrono::minutes(3));
  default_to("restore-duration", &config->restore_duration, std::chrono::minutes(4));
}

// Who this server is at the S3 service elsewhere.
Result<auth::SigningIdentity> foreign_identity(const ServeWishes& wishes, const GivenSettings& settings,
                                               const Environment& environment) {
  if (wishes.foreign_credentials) {
    auto identity = load_identity(posix_file_system(), *wishes.foreign_credentials, wishes.foreign_profile);
    if (!identity) {
      return fail(Error::invalid_argument(settings.at("s3-endpoint-credentials").source + ": " +
                                          identity.error().message));
    }
    return identity;
  }
  if (auto identity = environment_identity(environment)) return *std::move(identity);
  return fail(Error::invalid_argument(
      "buckets elsewhere need keys: give --s3-endpoint-credentials FILE, or AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY"));
}

// Where exports write to and imports read from.
Result<BucketPlaces> settle_buckets(const ServeWishes& wishes, const GivenSettings& settings,
                                    const Environment& environment) {
  BucketPlaces places;
  if (!wishes.s3_endpoint && wishes.buckets.empty()) return places;
  S3Endpoint endpoint = wishes.foreign;
  ASSIGN_OR_RETURN(endpoint.identity, foreign_identity(wishes, settings, environment));
  endpoint.identity.region = wishes.foreign_region.value_or(wishes.config.region);
  for (const auto& [name, address] : wishes.buckets) {
    endpoint.address = address;
    places.named.emplace(name, endpoint);
  }
  if (wishes.s3_endpoint) {
    endpoint.address = *wishes.s3_endpoint;
    places.others = endpoint;
  }
  return places;
}

// Where the data lives: the stronger of --data-dir and --in-memory.
Result<void> settle_storage(const GivenSettings& settings, ServeConfig* config) {
  const auto directory = settings.find("data-dir");
  if (!config->in_memory || directory == settings.end()) return {};
  const Rank memory_rank = settings.at("in-memory").rank;
  if (directory->second.rank == memory_rank) {
    return fail(Error::invalid_argument(settings.at("in-memory").source + " and " + directory->second.source +
                                        " exclude each other"));
  }
  config->in_memory = memory_rank > directory->second.rank;
  return {};
}

}  // namespace

Result<ServeConfig> settle(ServeWishes wishes, const GivenSettings& settings,
                           const Environment& environment) {
  ServeConfig& config = wishes.config;
  RETURN_IF_ERROR(settle_ports(settings, &config));
  RETURN_IF_ERROR(check_auth(settings, config));
  RETURN_IF_ERROR(settle_seed(settings, environment, &config));
  RETURN_IF_ERROR(check_spaces(settings, config));
  RETURN_IF_ERROR(check_tls(settings, config));
  RETURN_IF_ERROR(check_replica_lag(settings, config));
  if (wishes.realistic) settle_times(settings, &config);
  ASSIGN_OR_RETURN(config.bucket_places, settle_buckets(wishes, settings, environment));
  RETURN_IF_ERROR(settle_storage(settings, &config));
  return std::move(config);
}

}  // namespace tidemark::server

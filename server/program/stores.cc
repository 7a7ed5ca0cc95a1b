#include "server/program/stores.h"

#include <future>
#include <utility>

#include "base/file.h"

namespace tidemark::server {
namespace {

// The server's own account, unless a credentials file says otherwise.
auth::Account unnamed_account(const ServeConfig& config) {
  auth::Account account = s3emu::S3Service::Options{}.owner;
  account.id = config.account_id;
  return account;
}

// Whose requests are whose.
Result<std::shared_ptr<const auth::Authority>> make_authority(const ServeConfig& config) {
  auth::CredentialList credentials;
  if (!config.credentials_file.empty()) {
    ASSIGN_OR_RETURN(credentials, auth::CredentialList::load(posix_file_system(), config.credentials_file,
                                                             unnamed_account(config)));
  }
  const auth::Authority::Options options{.strict = config.strict_auth,
                                         .skew_seconds_max = config.auth_skew_seconds};
  return std::make_shared<const auth::Authority>(options, std::move(credentials));
}

Result<std::unique_ptr<DataDirectory>> open_directory(const ServeConfig& config, Random& random) {
  if (config.in_memory) return DataDirectory::create_temporary(temporary_bases(), random);
  return DataDirectory::open(config.data_directory);
}

// Starts the webhook, if there is to be one.
s3emu::ObjectStore::Options object_options(const ServeConfig& config, ServerParts* parts) {
  s3emu::ObjectStore::Options options;
  options.sync = config.fsync;
  options.schedule = &parts->schedule;
  options.open_files_max = parts->descriptors.object_files;
  if (!config.s3_webhook) return options;
  parts->webhook = std::make_unique<Webhook>(
      Webhook::Options{.url = *config.s3_webhook,
                       .region = config.region,
                       .owner_id = own_account(config, *parts->authority).canonical_user_id});
  options.listener = [webhook = parts->webhook.get()](const s3emu::ObjectEvent& event) {
    webhook->tell(event);
  };
  return options;
}

Result<void> open_tables_and_objects(const ServeConfig& config, ServerParts* parts) {
  const std::string& root = parts->directory->path();
  // Opening waits for the disk, so both wait at the same time.
  auto objects = std::async(std::launch::async, [&] {
    return s3emu::ObjectStore::open(root + "/objects", object_options(config, parts), parts->clock,
                                    parts->random);
  });
  storage::EngineOptions options;
  options.directory = root + "/dynamodb";
  options.sync_writes = config.fsync;
  if (config.delay_transient_statuses) options.transition_times = storage::kServiceTransitionTimes;
  options.ttl_lag = config.ttl_lag;
  options.replica_lag = config.replica_lag;
  options.state_files_max = parts->descriptors.state_files;
  auto engine = storage::Engine::open(options, posix_file_system(), parts->clock, parts->schedule);
  auto opened_objects = objects.get();
  if (!engine) return fail(engine.error());
  if (!opened_objects) return fail(opened_objects.error());
  parts->engine = std::move(*engine);
  if (const auto last = parts->engine->last_commit_time()) {
    parts->clock.resume_after(*last, ClockKeeper::kept_move(*parts->engine));
  }
  parts->objects = std::move(*opened_objects);
  parts->clock_keeper = std::make_unique<ClockKeeper>(*parts->engine, parts->clock);
  parts->clock_keeper->start(parts->schedule);
  return {};
}

}  // namespace

auth::Account own_account(const ServeConfig& config, const auth::Authority& authority) {
  const auth::Account* const named = authority.credentials().find_account(config.account_id);
  return named != nullptr ? *named : unnamed_account(config);
}

Result<void> open_stores(const ServeConfig& config, ServerParts* parts) {
  ASSIGN_OR_RETURN(parts->authority, make_authority(config));
  ASSIGN_OR_RETURN(parts->directory, open_directory(config, parts->random));
  return open_tables_and_objects(config, parts);
}

}  // namespace tidemark::server

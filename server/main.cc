// Builds the parts, hands them to each other, and ends them in the opposite order. The one file that sees
// every layer.
#include <fcntl.h>
#ifdef TIDEMARK_MIMALLOC
#include <mimalloc.h>
#else
#include <malloc.h>
#endif
#ifdef TIDEMARK_STATIC
#include <nss.h>
#endif
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "admin/activity.h"
#include "admin/bill/bill.h"
#include "admin/bill/ledger.h"
#include "admin/bill/report.h"
#include "admin/branch.h"
#include "admin/clock.h"
#include "admin/health.h"
#include "admin/jobs.h"
#include "admin/metrics.h"
#include "admin/past.h"
#include "admin/reset.h"
#include "admin/rewind.h"
#include "admin/service.h"
#include "admin/status.h"
#include "admin/tables.h"
#include "api/bulk/put_condition.h"
#include "api/core/capacity_meter.h"
#include "api/exports/export_filter.h"
#include "api/front/dispatcher.h"
#include "api/logs/logs_service.h"
#include "api/sts/sts_service.h"
#include "base/address.h"
#include "base/auth/authority.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/random.h"
#include "base/schedule.h"
#include "base/service_clock.h"
#include "jobs/job_registry.h"
#include "s3emu/rest/front/service.h"
#include "s3emu/rules/lifecycle_sweeper.h"
#include "s3emu/store/object_store.h"
#include "server/account_per_key.h"
#include "server/bill_sources.h"
#include "server/branch_command.h"
#include "server/browser_guard.h"
#include "server/bucket_reset.h"
#include "server/clock_command.h"
#include "server/config.h"
#include "server/console/console.h"
#include "server/data_directory.h"
#include "server/descriptors.h"
#include "server/endpoint_router.h"
#include "server/environment.h"
#include "server/healthcheck.h"
#include "server/jobs_command.h"
#include "server/live/request_ring.h"
#include "server/live/request_tap.h"
#include "server/live/requests.h"
#include "server/past_command.h"
#include "server/personality/foreign_line.h"
#include "server/personality/front.h"
#include "server/personality/spaces.h"
#include "server/refusal_wording.h"
#include "server/request_metrics.h"
#include "server/rewind_command.h"
#include "server/server.h"
#include "server/tables_command.h"
#include "server/tls/context.h"
#include "server/tls/self_signed.h"
#include "server/version.h"
#include "server/webhook.h"
#include "storage/engine.h"
#include "timetravel/time_travel.h"
#include "transfer/bucket/foreign_buckets.h"
#include "transfer/bucket/local_buckets.h"
#include "transfer/transfers.h"

namespace tidemark::server {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;
// How long requests in progress may take after the signal to stop, and how long everything may take.
constexpr std::chrono::seconds kDrainPatience{10};
constexpr std::chrono::seconds kStopPatience{30};

// What stands between a listener and the services.
struct Entrance {
  std::unique_ptr<PersonalityFront> front;
  std::unique_ptr<BrowserGuard> guard;
};

// Everything that serves, each part above what it uses.
struct ServerParts {
  DescriptorPlan descriptors = plan_descriptors(raise_descriptor_limit());
  SystemClock wall;
  BootClock steady;
  ServiceClock clock{wall, steady};
  Schedule schedule{clock};
  SystemRandom random;
  std::shared_ptr<const auth::Authority> authority;
  std::unique_ptr<DataDirectory> directory;
  std::unique_ptr<storage::Engine> engine;
  std::unique_ptr<Webhook> webhook;
  std::unique_ptr<s3emu::ObjectStore> objects;
  std::unique_ptr<s3emu::JobAccess> job_access;
  std::unique_ptr<transfer::Buckets> own_buckets;
  std::unique_ptr<transfer::Buckets> buckets;  // there or elsewhere
  std::unique_ptr<jobs::JobRegistry> jobs;
  std::unique_ptr<transfer::Transfers> transfers;
  std::unique_ptr<timetravel::TimeTravel> time_travel;
  std::unique_ptr<api::DynamoDbService> dynamodb;
  std::unique_ptr<api::StsService> sts;
  std::unique_ptr<api::LogsService> logs;
  std::unique_ptr<s3emu::LifecycleSweeper> lifecycle;
  std::unique_ptr<s3emu::S3Service> s3;
  std::unique_ptr<admin::Ledger> ledger;
  std::unique_ptr<EndpointRouter> router;
  RequestRing ring;
  std::unique_ptr<RequestTap> shared_tap;
  std::unique_ptr<RequestTap> s3_tap;
  std::unique_ptr<SpaceMapper> spaces;  // in front of the router, where callers are told apart otherwise
  std::unique_ptr<AccountPerKey> shared_accounts;  // these two only with --account-per-key
  std::unique_ptr<AccountPerKey> s3_accounts;
  std::unique_ptr<admin::AdminService> shared_port;
  std::unique_ptr<admin::AdminService> s3_port;
  std::vector<std::string> base_domains;
  std::vector<Entrance> entrances;  // one a listener, in their order
  std::unique_ptr<ConsoleFront> console_front;
  RequestMetrics request_metrics;
  std::unique_ptr<TlsContext> tls;
  std::unique_ptr<Server> server;
};

// The server's own account, unless a credentials file says otherwise.
auth::Account unnamed_account(const ServeConfig& config) {
  auth::Account account = s3emu::S3Service::Options{}.owner;
  account.id = config.account_id;
  return account;
}

// Whom S3 takes everybody for in open mode, and whose everything is that was made then.
auth::Account own_account(const ServeConfig& config, const auth::Authority& authority) {
  const auth::Account* const named = authority.credentials().find_account(config.account_id);
  return named != nullptr ? *named : unnamed_account(config);
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

Result<void> open_stores(const ServeConfig& config, ServerParts* parts) {
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
  options.state_files_max = parts->descriptors.state_files;
  auto engine = storage::Engine::open(options, posix_file_system(), parts->clock, parts->schedule);
  auto opened_objects = objects.get();
  if (!engine) return fail(engine.error());
  if (!opened_objects) return fail(opened_objects.error());
  parts->engine = std::move(*engine);
  if (const auto last = parts->engine->last_commit_time()) parts->clock.resume_after(*last);
  parts->objects = std::move(*opened_objects);
  return {};
}

s3emu::S3Service::Options s3_options(const ServeConfig& config, const auth::Authority& authority) {
  s3emu::S3Service::Options options;
  options.region = config.region;
  options.owner = own_account(config, authority);
  // What SDKs that were set up for LocalStack call the server.
  options.base_domains.insert(options.base_domains.end(),
                              {"localhost.localstack.cloud", "s3.localhost.localstack.cloud"});
  options.base_domains.insert(options.base_domains.end(), config.s3_domains.begin(), config.s3_domains.end());
  options.cors_origins = config.cors_origins;
  if (config.s3_cors_any_origin) options.cors_origins.emplace_back("*");
  options.trusted_proxies = config.trusted_proxies;
  return options;
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

// Everything below /_tidemark/.
// The next start goes on from the last commit: this is one, if nobody writes anything else to a table.
void remember_time(storage::Engine& engine) {
  if (const auto kept = engine.catalog().put_document("clock", "moved", "{}"); !kept) {
    log::warn("where the clock was moved to is not kept for the next start",
              {{"error", kept.error().message}});
  }
}

admin::ResetParts reset_parts(const ServeConfig& config, ServerParts* parts) {
  const auth::Account own = own_account(config, *parts->authority);
  return {
      .engine = *parts->engine,
      .jobs = *parts->jobs,
      .backups = parts->time_travel->backups,
      .discard_buckets =
          [parts, own](const std::optional<std::string>& account) {
            return discard_buckets(*parts->objects, *parts->authority, own, account);
          },
      .account_of_key =
          [parts, own, per_key = config.account_per_key](std::string_view key) -> std::optional<std::string> {
        const auth::Credential* const known = parts->authority->credentials().find(key);
        if (known != nullptr) return known->account.id;
        if (parts->authority->is_strict()) return std::nullopt;
        const bool is_account = per_key || auth::is_account_id(key);
        return is_account ? account_of_key(key) : own.id;
      },
      .clear_usage = [parts](const std::optional<std::string>& account) { parts->ledger->clear(account); }};
}

// How a client on this machine reaches the server.
std::string endpoint_of(const ServeConfig& config, std::uint16_t port) {
  const std::string& host = config.host;
  std::string name = host;
  if (host == "0.0.0.0") {
    name = "127.0.0.1";
  } else if (host == "::") {
    name = "[::1]";
  } else if (host.find(':') != std::string::npos) {
    name = "[" + host + "]";
  }
  return (config.has_tls() ? "https://" : "http://") + name + ":" + std::to_string(port);
}

// Asked once the server runs.
std::vector<admin::Endpoint> endpoints_of(const ServeConfig& config, const ServerParts& parts) {
  std::vector<admin::Endpoint> endpoints;
  if (!parts.server) return endpoints;
  for (const std::uint16_t port : parts.server->ports()) {
    if (port == 0) continue;
    const bool is_first = endpoints.empty();
    endpoints.push_back({.url = endpoint_of(config, port),
                         .services = is_first ? std::vector<std::string>{"dynamodb", "s3", "sts", "logs"}
                                              : std::vector<std::string>{"s3"}});
  }
  return endpoints;
}

admin::ServerFacts server_facts(const ServeConfig& config, ServerParts* parts) {
  return {.version = kVersion,
          .pid = ::getpid(),
          .started = parts->wall.now(),
          .host = config.host,
          .data_directory = parts->directory->path(),
          .in_memory = config.in_memory,
          .auth = config.strict_auth       ? "strict"
                  : config.account_per_key ? "open, an account for each access key"
                                           : "open",
          .region = config.region,
          .account_id = config.account_id,
          .endpoints = [parts, config] { return endpoints_of(config, *parts); },
          .bucket_count = [parts] { return parts->objects->list_buckets().size(); }};
}

// What tables have consumed, as `admin` sees it.
admin::UnitsByTable consumed_units() {
  admin::UnitsByTable all;
  for (const auto& [table, units] : api::metered_units()) all[table] = {units.read, units.written};
  return all;
}

void start_ledger(const ServeConfig& config, ServerParts* parts) {
  const auth::Account own = own_account(config, *parts->authority);
  parts->ledger = std::make_unique<admin::Ledger>(admin::LedgerSources{
      .engine = *parts->engine,
      .jobs = *parts->jobs,
      .backups = parts->time_travel->backups,
      .clock = parts->clock,
      .requests = metered_usage,
      .job_usage = [parts](const jobs::JobRecord& job) { return usage_of_job(job, *parts->transfers); },
      .buckets =
          [parts, own](const std::stop_token& stop) {
            return bucket_bytes(*parts->objects, *parts->authority, own, stop);
          }});
  parts->ledger->start(parts->schedule);
}

std::vector<admin::Route> admin_routes(const ServeConfig& config, ServerParts* parts) {
  std::vector<admin::Route> all;
  for (const auto& family :
       {admin::health_routes(kVersion, [parts] { return parts->engine->room(); }),
        admin::clock_routes(parts->clock, parts->schedule, [parts] { remember_time(*parts->engine); }),
        admin::metrics_routes({.version = kVersion,
        .engine = *parts->engine,
        .jobs = *parts->jobs,
        .units = consumed_units,
        .requests = [parts](PrometheusText* out) { parts->request_metrics.write(out); }}),
        admin::job_routes(*parts->jobs), admin::table_routes(*parts->engine),
        admin::past_routes(*parts->engine, parts->clock),
        admin::activity_routes(*parts->engine, parts->clock),
        admin::rewind_routes(*parts->engine, parts->time_travel->rewinds),
        admin::branch_routes(*parts->engine, parts->time_travel->restores, parts->clock, parts->random),
        request_routes(parts->ring),
        console_routes({.version = kVersion,
        .region = config.region,
        .account_id = config.account_id,
        .strict_auth = config.strict_auth}),
        admin::bill_routes({.ledger = *parts->ledger,
        .engine = *parts->engine,
        .prices = config.bill_prices,
        .limit_usd = config.bill_limit_usd}),
        admin::reset_routes(reset_parts(config, parts)),
        admin::status_routes(server_facts(config, parts), *parts->engine, *parts->jobs, parts->clock)}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  return all;
}

Result<void> build_services(const ServeConfig& config, ServerParts* parts) {
  const transfer::ImportJobs::Options transfer_options{
      .error_log_directory = parts->directory->path() + "/import-errors",
      .workers = static_cast<int>(std::max(4U, std::thread::hardware_concurrency()))};
  parts->job_access = std::make_unique<s3emu::JobAccess>(
      *parts->objects, parts->authority, own_account(config, *parts->authority), parts->clock);
  parts->own_buckets = std::make_unique<transfer::LocalBuckets>(*parts->objects, *parts->job_access);
  ASSIGN_OR_RETURN(parts->buckets,
                   transfer::ForeignBuckets::make(config.bucket_places, *parts->own_buckets, parts->random));
  parts->jobs = std::make_unique<jobs::JobRegistry>(parts->engine->catalog(), parts->clock, parts->random);
  parts->jobs->last_at_least(parts->schedule,
                             {{"export", config.export_duration}, {"import", config.import_duration}});
  parts->transfers = std::make_unique<transfer::Transfers>(
      *parts->jobs, *parts->engine, *parts->buckets, *parts->objects, *parts->job_access, posix_file_system(),
      parts->clock, parts->random, api::compile_item_filter, api::compile_put_condition, transfer_options,
      transfer::BulkJobs::Options{.report_directory = parts->directory->path() + "/bulk-reports",
                                  .workers = transfer_options.workers});
  parts->time_travel = std::make_unique<timetravel::TimeTravel>(
      *parts->jobs, *parts->engine, parts->clock, parts->random, parts->schedule, transfer_options.workers);
  parts->jobs->resume_all();
  parts->jobs->age_by(parts->schedule);
  const api::Settings settings{.region = config.region,
                               .account_id = config.account_id,
                               .wording = config.error_wording,
                               .wall = &parts->wall,
                               .sync_writes = config.fsync,
                               .authority = parts->authority,
                               .compress_answers = config.compress_answers,
                               .pitr_lag = config.pitr_lag,
                               .trusted_proxies = config.trusted_proxies,
                               .extensions = config.extensions};
  parts->dynamodb =
      std::make_unique<api::DynamoDbService>(*parts->engine, settings, parts->clock, parts->random,
                                             parts->transfers.get(), parts->time_travel.get());
  parts->dynamodb->limit_accounts(config.account_limits);
  parts->sts = std::make_unique<api::StsService>(settings, parts->clock, parts->random);
  parts->logs = std::make_unique<api::LogsService>(*parts->engine, settings, parts->clock, parts->random,
                                                   *parts->transfers);
  s3emu::S3Service::Options s3 = s3_options(config, *parts->authority);
  s3.authority = parts->authority;
  parts->base_domains = s3.base_domains;
  parts->lifecycle = std::make_unique<s3emu::LifecycleSweeper>(*parts->objects, parts->clock);
  parts->lifecycle->start(parts->schedule);
  s3.lifecycle_changed = [sweeper = parts->lifecycle.get()] { sweeper->wake(); };
  s3.wall = &parts->wall;
  parts->s3 = std::make_unique<s3emu::S3Service>(*parts->objects, std::move(s3), parts->clock, parts->random);
  parts->router = std::make_unique<EndpointRouter>(
      EndpointRouter::Services{
          .dynamodb = *parts->dynamodb, .s3 = *parts->s3, .sts = *parts->sts, .logs = *parts->logs},
      parts->base_domains);
  http::Service* everything = parts->router.get();
  http::Service* s3_alone = parts->s3.get();
  if (config.spaces != Spaces::kAccount) {
    parts->spaces =
        std::make_unique<SpaceMapper>(*everything, config.spaces, config.account_id, config.region);
    everything = parts->spaces.get();
  }
  if (config.account_per_key) {
    const auth::CredentialList& known = parts->authority->credentials();
    parts->shared_accounts = std::make_unique<AccountPerKey>(*everything, known);
    parts->s3_accounts = std::make_unique<AccountPerKey>(*s3_alone, known);
    everything = parts->shared_accounts.get();
    s3_alone = parts->s3_accounts.get();
  }
  start_ledger(config, parts);
  const admin::AdminOptions admin_options{
      .changes_from_loopback_only = config.strict_auth || config.account_per_key,
      .because = config.strict_auth ? "--auth strict" : "--account-per-key"};
  parts->shared_tap = std::make_unique<RequestTap>(*everything, parts->ring, parts->clock);
  parts->s3_tap = std::make_unique<RequestTap>(*s3_alone, parts->ring, parts->clock);
  parts->shared_port =
      std::make_unique<admin::AdminService>(*parts->shared_tap, admin_routes(config, parts), admin_options);
  parts->s3_port =
      std::make_unique<admin::AdminService>(*parts->s3_tap, admin_routes(config, parts), admin_options);
  return {};
}

// The one of the first port.
const Personality& first_personality(const ServeConfig& config) {
  if (config.personality != nullptr) return *config.personality;
  return personality_of_port(config.port, kTidemarkPersonality);
}

PersonalityFacts facts_of(const ServeConfig& config, const ServerParts& parts) {
  PersonalityFacts facts;
  facts.version = kVersion;
  facts.region = config.region;
  facts.started = parts.wall.now();
  facts.wall = &parts.wall;
  facts.in_memory = config.in_memory;
  facts.data_directory = parts.directory->path();
  facts.is_one_space = config.spaces == Spaces::kOne;
  facts.delays_statuses = config.delay_transient_statuses;
  for (const std::string& origin : config.cors_origins) {
    facts.cors += (facts.cors.empty() ? "" : ",") + origin;
  }
  facts.loads_eagerly = config.loads_eagerly;
  return facts;
}

// What a listener of that personality hands its connections to: in front the guard against pages, then the
// answers of the personality, then the services. `is_s3_alone` also where the personality is not.
http::Service* build_entrance(const ServeConfig& config, const Personality& personality, bool is_s3_alone,
                              ServerParts* parts) {
  admin::AdminService& services = is_s3_alone ? *parts->s3_port : *parts->shared_port;
  Entrance entrance;
  entrance.front = std::make_unique<PersonalityFront>(services, personality, facts_of(config, *parts),
                                                      parts->base_domains);
  BrowserGuard::Options options{.origins = config.cors_origins,
                                .hosts = config.allowed_hosts,
                                .base_domains = parts->base_domains,
                                .is_strict = config.strict_auth};
  const auto lets_page = [s3 = parts->s3.get(), is_s3_alone, domains = parts->base_domains](
                             const http::RequestHead& head, std::string_view origin) {
    const bool is_for_s3 = is_s3_alone || (!is_for_dynamodb(head, domains) && !is_for_sts(head, domains));
    return is_for_s3 && s3->lets_page(head, origin);
  };
  entrance.guard = std::make_unique<BrowserGuard>(*entrance.front, std::move(options), lets_page);
  parts->entrances.push_back(std::move(entrance));
  return parts->entrances.back().guard.get();
}

// The first port, S3's own, if there is one, all others, and the console's at the end.
std::vector<Listener> build_listeners(const ServeConfig& config, ServerParts* parts) {
  const Personality& first = first_personality(config);
  std::vector<Listener> listeners;
  listeners.push_back({.port = config.port,
                       .service = build_entrance(config, first, first.is_s3_alone, parts),
                       .refuse = word_refusals(first.is_s3_alone, parts->random)});
  if (config.s3_port) {
    listeners.push_back({.port = *config.s3_port,
                         .service = build_entrance(config, kMinioPersonality, true, parts),
                         .may_be_missing = config.s3_port_by_default,
                         .refuse = word_refusals(true, parts->random)});
  }
  for (const ListenerConfig& more : config.listeners) {
    const Personality& personality = *more.personality;
    listeners.push_back({.port = more.port,
                         .service = build_entrance(config, personality, personality.is_s3_alone, parts),
                         .refuse = word_refusals(personality.is_s3_alone, parts->random)});
  }
  if (config.console_port) {
    parts->console_front =
        std::make_unique<ConsoleFront>(*build_entrance(config, kTidemarkPersonality, false, parts));
    listeners.push_back({.port = *config.console_port, .service = parts->console_front.get()});
  }
  return listeners;
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

// Nothing where nobody asked for TLS.
Result<void> prepare_tls(const ServeConfig& config, ServerParts* parts) {
  if (!config.has_tls()) return {};
  SelfSignedFiles files{.authority = {}, .chain = config.tls_cert, .key = config.tls_key};
  if (config.tls_self_signed) {
    std::vector<std::string> names = config.tls_names;
    if (names.empty()) names = {"localhost", "127.0.0.1", "::1"};
    if (const std::string own = host_name(); config.tls_names.empty() && !own.empty() && own != "localhost") {
      names.push_back(own);
    }
    ASSIGN_OR_RETURN(files, self_signed_files(parts->directory->path() + "/tls", names, posix_file_system(),
                                              parts->wall.now()));
    if (!config.tls_ca_file.empty()) {
      ASSIGN_OR_RETURN(const std::string authority, read_file(posix_file_system(), files.authority));
      RETURN_IF_ERROR(posix_file_system().replace(config.tls_ca_file, authority, false));
    }
    log::info("clients trust", {{"authority", files.authority}});
  }
  ASSIGN_OR_RETURN(parts->tls, TlsContext::load(files.chain, files.key));
  return {};
}

Result<void> start_server(const ServeConfig& config, ServerParts* parts) {
  RETURN_IF_ERROR(prepare_tls(config, parts));
  Options options;
  options.tls = {.context = parts->tls.get(), .also_plain = config.tls_also_plain};
  options.host = config.host;
  options.threads = config.threads;
  options.limits.connections_max = parts->descriptors.connections;
#ifdef TIDEMARK_MIMALLOC
  options.give_back_memory = [] { mi_collect(true); };
#endif
  options.heavy_threads = std::clamp(std::thread::hardware_concurrency() / 4, 1U, 4U);
  // Objects, and writes of several items, hold a thread while they wait for their fsync; many share one.
  options.blocking_threads = config.fsync ? 64 : 16;
  options.clock = &parts->wall;
  options.metrics = &parts->request_metrics;
  options.listeners = build_listeners(config, parts);
  ASSIGN_OR_RETURN(parts->server, Server::start(options));
  return {};
}

// Before anybody can ask for anything.
Result<void> sow(const ServeConfig& config, ServerParts* parts) {
  SeedRequest request{.sources = {config.seed}, .values = {}, .into_existing = false};
  request.values.region = config.region;
  request.values.account_id = config.account_id;
  http::Service* service = parts->dynamodb.get();
  if (parts->shared_accounts) service = parts->shared_accounts.get();
  ASSIGN_OR_RETURN(const auto tables,
                   seed(request, call_in_process(*service, config.seed_identity), posix_file_system()));
  for (const SeededTable& table : tables) log::info("seed", {{"table", line_of(table)}});
  return {};
}

Result<void> start(const ServeConfig& config, ServerParts* parts) {
  parts->schedule.start();
  ASSIGN_OR_RETURN(parts->authority, make_authority(config));
  if (config.in_memory) {
    ASSIGN_OR_RETURN(parts->directory, DataDirectory::create_temporary(temporary_bases(), parts->random));
  } else {
    ASSIGN_OR_RETURN(parts->directory, DataDirectory::open(config.data_directory));
  }
  RETURN_IF_ERROR(open_stores(config, parts));
  RETURN_IF_ERROR(build_services(config, parts));
  if (!config.seed.empty()) RETURN_IF_ERROR(sow(config, parts));
  RETURN_IF_ERROR(start_server(config, parts));
  parts->directory->keep();
  return {};
}

// Of S3 alone, if it is there.
std::optional<std::uint16_t> bound_s3_port(const ServeConfig& config,
                                           const std::vector<std::uint16_t>& ports) {
  return config.s3_port && ports[1] != 0 ? std::optional(ports[1]) : std::nullopt;
}

// Where the ports of config.listeners begin.
std::size_t first_of_more(const ServeConfig& config) { return config.s3_port ? 2 : 1; }

void print(std::FILE* stream, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

void announce(const ServeConfig& config, const std::vector<std::uint16_t>& ports) {
  std::string line;
  JsonWriter json(&line);
  json.begin_object();
  json.member("event", "ready");
  json.member("endpoint", endpoint_of(config, ports[0]));
  json.member("port", std::int64_t{ports[0]});
  json.key("s3_port");
  if (const auto s3_port = bound_s3_port(config, ports)) {
    json.number(*s3_port);
  } else {
    json.null();
  }
  if (!config.listeners.empty()) {
    json.key("ports");
    json.begin_array();
    for (std::size_t i = 0; i < config.listeners.size(); ++i) json.number(ports[first_of_more(config) + i]);
    json.end_array();
  }
  if (config.console_port) json.member("console_port", std::int64_t{ports.back()});
  json.member("pid", std::int64_t{::getpid()});
  json.member("version", kVersion);
  json.end_object();
  line += '\n';
  print(stdout, line);
}

// The lines that tools wait for which know another server.
void greet(const ServeConfig& config, const ServerParts& parts) {
  if (config.personality == nullptr || config.personality->greet == nullptr) return;
  PersonalityFacts facts = facts_of(config, parts);
  facts.port = parts.server->ports().front();
  facts.endpoint = endpoint_of(config, facts.port);
  const Greeting greeting = config.personality->greet(facts);
  print(stderr, greeting.err);
  print(stdout, greeting.out);
}

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Ends the process at the second signal, and if it does not end by itself in time. Acknowledged writes are
// safe. What comes right behind the first signal is the same wish: `timeout` and terminals send it to the
// process and to its group.
void watch_over_stop() {
  constexpr std::chrono::milliseconds kSameWish{500};
  std::thread([kSameWish] {
    const sigset_t signals = stop_signals();
    std::this_thread::sleep_for(kSameWish);
    const timespec none{};
    while (sigtimedwait(&signals, nullptr, &none) > 0) {
    }
    const timespec patience{.tv_sec = kStopPatience.count(), .tv_nsec = 0};
    const bool is_asked_again = sigtimedwait(&signals, nullptr, &patience) > 0;
    log::error(is_asked_again ? "stopped at once: asked twice" : "stopped at once: stopping took too long");
    ::_exit(kExitFailure);
  }).detach();
}

void prepare_process() {
  // All threads inherit the mask: the signals wait until the main thread takes them.
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // What the server keeps is nobody else's to read.
  ::umask(0077);
#ifndef TIDEMARK_MIMALLOC
  // Many threads that take turns would each keep an arena of their own.
  mallopt(M_ARENA_MAX, 4);
#endif
#ifdef TIDEMARK_STATIC
  // Names are looked up by what is in glibc itself: the hosts file, then DNS. What the machine's
  // nsswitch.conf asks for beyond that are shared libraries of the machine's own glibc, which this program
  // cannot load.
  __nss_configure_lookup("hosts", "files dns");
#endif
}

// What somebody at the command line reads: one line, whatever the level of the log.
int complain(std::string message, log::Format format, int status) {
  if (format == log::Format::kJson) {
    log::set_format(format);
    log::set_level(log::Level::kError);
    log::error(message);
    return status;
  }
  std::replace_if(
      message.begin(), message.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  std::fprintf(stderr, "tidemark: %s\n", message.c_str());
  return status;
}

void log_start(const ServeConfig& config, const ServerParts& parts) {
  const std::vector<std::uint16_t>& ports = parts.server->ports();
  const auto tell = [&config](std::uint16_t port, bool is_s3_alone) {
    log::info("listening",
              {{"endpoint", endpoint_of(config, port)}, {"services", is_s3_alone ? "s3" : "dynamodb,s3"}});
  };
  tell(ports[0], first_personality(config).is_s3_alone);
  if (const auto s3_port = bound_s3_port(config, ports)) tell(*s3_port, true);
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    tell(ports[first_of_more(config) + i], config.listeners[i].personality->is_s3_alone);
  }
  if (config.console_port) {
    log::info("listening", {{"endpoint", endpoint_of(config, ports.back())}, {"services", "console"}});
  }
  log::info("serving", {{"data", parts.directory->path()},
                        {"auth", config.strict_auth ? "strict" : "open"},
                        {"fsync", config.fsync},
                        {"version", kVersion},
                        {"pid", ::getpid()}});
}

// A process may be born without its standard streams. The first files it opens would take their numbers, and
// what is printed would go into the data.
void open_standard_streams() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (::fcntl(stream, F_GETFD) == -1) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

// Settings that somebody believes to have made.
void tell_of_unknown_variables() {
  for (const UnknownVariable& unknown : unknown_variables(process_variables(), setting_variables())) {
    if (unknown.meant.empty()) {
      log::warn("a variable is no setting", {{"name", unknown.name}});
    } else {
      log::warn("a variable is no setting", {{"name", unknown.name}, {"meant", unknown.meant}});
    }
  }
}

// The exit status: a failure when AWS would have charged more than it was allowed to.
int judge_bill(const ServeConfig& config, const ServerParts& parts) {
  if (!config.bill_limit_usd) return 0;
  constexpr std::size_t kDearest = 5;
  const admin::Usage usage = admin::narrowed(parts.ledger->now().usage, {});
  const admin::Bill bill = admin::bill_of(usage, config.bill_prices);
  if (bill.usd <= *config.bill_limit_usd) return 0;
  log::error("the bill is above its limit", {{"usd", bill.usd}, {"limit", *config.bill_limit_usd}});
  for (std::size_t i = 0; i < std::min(kDearest, bill.lines.size()); ++i) {
    log::error("the bill", {{"line", admin::text_of(bill.lines[i])}});
  }
  return kExitFailure;
}

int serve(const ServeConfig& config) {
  prepare_process();
  log::set_level(config.log_level);
  log::set_format(config.log_format);
  tell_of_unknown_variables();
  ServerParts parts;
  if (const auto started = start(config, &parts); !started) {
    return complain(started.error().message, config.log_format, kExitFailure);
  }
  log_start(config, parts);
  if (!config.strict_auth && config.host != "localhost" && !is_loopback(config.host)) {
    log::warn(
        "everybody who can reach this address may read and change everything: give --auth strict and "
        "--credentials FILE, or listen on 127.0.0.1",
        {{"host", config.host}});
  }
  announce(config, parts.server->ports());
  greet(config, parts);
  const sigset_t signals = stop_signals();
  int signal = 0;
  sigwait(&signals, &signal);
  log::info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  watch_over_stop();
  parts.schedule.stop();  // a move of the clock must not hold the end
  if (!parts.server->drain_and_stop(kDrainPatience)) log::warn("requests in progress were cut off");
  return judge_bill(config, parts);
}

int run(const std::vector<std::string>& arguments, log::Format format) {
  const auto command =
      parse_command_line(arguments, process_environment(), std::thread::hardware_concurrency());
  if (!command) return complain(command.error().message, format, kExitUsage);
  if (const auto* print = std::get_if<PrintText>(&*command)) {
    std::fputs(print->text.c_str(), stdout);
    return 0;
  }
  if (const auto* health = std::get_if<HealthcheckConfig>(&*command)) {
    const auto healthy = check_health(health->server, std::chrono::seconds(health->wait_seconds));
    return healthy ? 0 : complain(healthy.error().message, format, kExitFailure);
  }
  if (const auto* clock = std::get_if<ClockConfig>(&*command)) {
    const auto state = run_clock(clock->server, clock->request);
    if (!state) return complain(state.error().message, format, kExitFailure);
    std::fputs(state->c_str(), stdout);
    return 0;
  }
  if (const auto* jobs = std::get_if<JobsConfig>(&*command)) {
    const auto status = run_jobs(*jobs, stdout, ::isatty(STDOUT_FILENO) == 1);
    return status ? *status : complain(status.error().message, format, kExitFailure);
  }
  if (const auto* tables = std::get_if<TablesConfig>(&*command)) {
    const auto printed = run_tables(*tables, stdout);
    return printed ? 0 : complain(printed.error().message, format, kExitFailure);
  }
  if (const auto* rewind = std::get_if<RewindConfig>(&*command)) {
    const auto status = run_rewind(*rewind, stdout, ::isatty(STDOUT_FILENO) == 1);
    return status ? *status : complain(status.error().message, format, kExitFailure);
  }
  if (const auto* branch = std::get_if<BranchConfig>(&*command)) {
    const auto status = run_branch(*branch, stdout, ::isatty(STDOUT_FILENO) == 1);
    return status ? *status : complain(status.error().message, format, kExitFailure);
  }
  if (const auto* past = std::get_if<PastConfig>(&*command)) {
    const auto printed = run_past(*past, stdout);
    return printed ? 0 : complain(printed.error().message, format, kExitFailure);
  }
  if (const auto* apply = std::get_if<ApplyConfig>(&*command)) {
    const auto applied = run_apply(*apply, stdout);
    return applied ? 0 : complain(applied.error().message, format, kExitFailure);
  }
  if (const auto* load = std::get_if<LoadConfig>(&*command)) {
    const auto loaded = run_load(*load, stdout);
    return loaded ? 0 : complain(loaded.error().message, format, kExitFailure);
  }
  if (const auto* status = std::get_if<StatusConfig>(&*command)) {
    const auto printed = run_status(*status, stdout);
    return printed ? 0 : complain(printed.error().message, format, kExitFailure);
  }
  if (const auto* doctor = std::get_if<DoctorConfig>(&*command)) {
    const auto verdict = run_doctor(*doctor, process_environment(), stdout);
    return verdict ? *verdict : complain(verdict.error().message, format, kExitFailure);
  }
  if (const auto* sown = std::get_if<SeedConfig>(&*command)) {
    const auto done = run_seed(*sown, stdout);
    return done ? 0 : complain(done.error().message, format, kExitFailure);
  }
  if (const auto* bill = std::get_if<BillConfig>(&*command)) {
    const auto status = run_bill(*bill, posix_file_system(), stdout);
    return status ? *status : complain(status.error().message, format, kExitFailure);
  }
  if (const auto* reset = std::get_if<ResetConfig>(&*command)) {
    const auto gone = run_reset(*reset, stdout);
    return gone ? 0 : complain(gone.error().message, format, kExitFailure);
  }
  if (const auto* accounts = std::get_if<AccountsConfig>(&*command)) {
    SystemRandom random;
    const auto written = run_accounts(*accounts, posix_file_system(), random, stdout);
    return written ? 0 : complain(written.error().message, format, kExitFailure);
  }
  if (const auto* dump = std::get_if<DumpConfig>(&*command)) {
    const auto dumped = run_dump(*dump, stdout);
    return dumped ? 0 : complain(dumped.error().message, format, kExitFailure);
  }
  return serve(std::get<ServeConfig>(*command));
}

}  // namespace
}  // namespace tidemark::server

int main(int argc, char** argv) {
  using namespace tidemark;
  log::Format format = log::Format::kText;
  server::open_standard_streams();
  try {
    const std::vector<std::string> arguments =
        server::own_arguments(argc > 0 ? argv[0] : "", std::vector<std::string>(argv + 1, argv + argc));
    format = server::asked_log_format(arguments, server::process_environment());
    return server::run(arguments, format);
  } catch (const std::exception& exception) {
    return server::complain(exception.what(), format, server::kExitFailure);
  }
}

// Builds the parts, hands them to each other, and ends them in the opposite order. The one file that sees
// every layer.
#include <fcntl.h>
#include <malloc.h>
#ifdef TIDEMARK_MIMALLOC
#include <mimalloc.h>
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

#include "admin/branch.h"
#include "admin/clock.h"
#include "admin/health.h"
#include "admin/jobs.h"
#include "admin/past.h"
#include "admin/rewind.h"
#include "admin/service.h"
#include "admin/tables.h"
#include "api/bulk/put_condition.h"
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
#include "server/branch_command.h"
#include "server/browser_guard.h"
#include "server/clock_command.h"
#include "server/config.h"
#include "server/data_directory.h"
#include "server/descriptors.h"
#include "server/endpoint_router.h"
#include "server/environment.h"
#include "server/healthcheck.h"
#include "server/jobs_command.h"
#include "server/past_command.h"
#include "server/rewind_command.h"
#include "server/server.h"
#include "server/tables_command.h"
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
  std::unique_ptr<EndpointRouter> router;
  std::unique_ptr<admin::AdminService> shared_port;
  std::unique_ptr<admin::AdminService> s3_port;
  std::unique_ptr<BrowserGuard> shared_guard;
  std::unique_ptr<BrowserGuard> s3_guard;
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

std::vector<admin::Route> admin_routes(ServerParts* parts) {
  std::vector<admin::Route> all;
  for (const auto& family :
       {admin::health_routes(kVersion, [parts] { return parts->engine->room(); }),
        admin::clock_routes(parts->clock, parts->schedule, [parts] { remember_time(*parts->engine); }),
        admin::job_routes(*parts->jobs), admin::table_routes(*parts->engine),
        admin::past_routes(*parts->engine, parts->clock),
        admin::rewind_routes(*parts->engine, parts->time_travel->rewinds),
        admin::branch_routes(*parts->engine, parts->time_travel->restores, parts->clock, parts->random)}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  return all;
}

// In front of everything on both ports.
void guard_against_pages(const ServeConfig& config, const std::vector<std::string>& base_domains,
                         ServerParts* parts) {
  const BrowserGuard::Options options{.origins = config.cors_origins,
                                      .hosts = config.allowed_hosts,
                                      .base_domains = base_domains,
                                      .is_strict = config.strict_auth};
  const auto s3_lets = [s3 = parts->s3.get()](const http::RequestHead& head, std::string_view origin) {
    return s3->lets_page(head, origin);
  };
  parts->s3_guard = std::make_unique<BrowserGuard>(*parts->s3_port, options, s3_lets);
  parts->shared_guard = std::make_unique<BrowserGuard>(
      *parts->shared_port, options,
      [s3_lets, base_domains](const http::RequestHead& head, std::string_view origin) {
        return !is_for_dynamodb(head, base_domains) && !is_for_sts(head, base_domains) &&
               s3_lets(head, origin);
      });
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
                               .extensions = config.extensions};
  parts->dynamodb =
      std::make_unique<api::DynamoDbService>(*parts->engine, settings, parts->clock, parts->random,
                                             parts->transfers.get(), parts->time_travel.get());
  parts->sts = std::make_unique<api::StsService>(settings, parts->clock, parts->random);
  parts->logs = std::make_unique<api::LogsService>(*parts->engine, settings, parts->clock, parts->random,
                                                   *parts->transfers);
  s3emu::S3Service::Options s3 = s3_options(config, *parts->authority);
  s3.authority = parts->authority;
  const std::vector<std::string> base_domains = s3.base_domains;
  parts->lifecycle = std::make_unique<s3emu::LifecycleSweeper>(*parts->objects, parts->clock);
  parts->lifecycle->start(parts->schedule);
  s3.lifecycle_changed = [sweeper = parts->lifecycle.get()] { sweeper->wake(); };
  s3.wall = &parts->wall;
  parts->s3 = std::make_unique<s3emu::S3Service>(*parts->objects, std::move(s3), parts->clock, parts->random);
  parts->router = std::make_unique<EndpointRouter>(
      EndpointRouter::Services{
          .dynamodb = *parts->dynamodb, .s3 = *parts->s3, .sts = *parts->sts, .logs = *parts->logs},
      base_domains);
  const admin::AdminOptions admin_options{.changes_from_loopback_only = config.strict_auth};
  parts->shared_port =
      std::make_unique<admin::AdminService>(*parts->router, admin_routes(parts), admin_options);
  parts->s3_port = std::make_unique<admin::AdminService>(*parts->s3, admin_routes(parts), admin_options);
  guard_against_pages(config, base_domains, parts);
  return {};
}

Result<void> start_server(const ServeConfig& config, ServerParts* parts) {
  Options options;
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
  options.listeners.push_back({.port = config.port, .service = parts->shared_guard.get()});
  if (config.s3_port) {
    options.listeners.push_back({.port = *config.s3_port,
                                 .service = parts->s3_guard.get(),
                                 .may_be_missing = config.s3_port_by_default});
  }
  ASSIGN_OR_RETURN(parts->server, Server::start(options));
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
  RETURN_IF_ERROR(start_server(config, parts));
  parts->directory->keep();
  return {};
}

// How a client on this machine reaches the server.
std::string endpoint_of(const std::string& host, std::uint16_t port) {
  std::string name = host;
  if (host == "0.0.0.0") {
    name = "127.0.0.1";
  } else if (host == "::") {
    name = "[::1]";
  } else if (host.find(':') != std::string::npos) {
    name = "[" + host + "]";
  }
  return "http://" + name + ":" + std::to_string(port);
}

void announce(const ServeConfig& config, const std::vector<std::uint16_t>& ports) {
  std::string line;
  JsonWriter json(&line);
  json.begin_object();
  json.member("event", "ready");
  json.member("endpoint", endpoint_of(config.host, ports[0]));
  json.member("port", std::int64_t{ports[0]});
  json.key("s3_port");
  if (ports.size() > 1 && ports[1] != 0) {
    json.number(ports[1]);
  } else {
    json.null();
  }
  json.member("pid", std::int64_t{::getpid()});
  json.member("version", kVersion);
  json.end_object();
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
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
  // Many threads that take turns would each keep an arena of their own.
  mallopt(M_ARENA_MAX, 4);
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
  log::info("listening", {{"endpoint", endpoint_of(config.host, ports[0])}, {"services", "dynamodb,s3"}});
  if (ports.size() > 1 && ports[1] != 0) {
    log::info("listening", {{"endpoint", endpoint_of(config.host, ports[1])}, {"services", "s3"}});
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
  const sigset_t signals = stop_signals();
  int signal = 0;
  sigwait(&signals, &signal);
  log::info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  watch_over_stop();
  parts.schedule.stop();  // a move of the clock must not hold the end
  if (!parts.server->drain_and_stop(kDrainPatience)) log::warn("requests in progress were cut off");
  return 0;
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
    const auto healthy = check_health(health->server);
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
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    format = server::asked_log_format(arguments, server::process_environment());
    return server::run(arguments, format);
  } catch (const std::exception& exception) {
    return server::complain(exception.what(), format, server::kExitFailure);
  }
}

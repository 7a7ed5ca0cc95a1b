#include "server/program/services.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "api/bulk/put_condition.h"
#include "api/exports/export_filter.h"
#include "base/file.h"
#include "server/program/bill_sources.h"
#include "server/program/stores.h"

namespace tidemark::server {
namespace {

// The buckets that jobs write to and read from.
Result<void> build_buckets(const ServeConfig& config, ServerParts* parts) {
  parts->job_access = std::make_unique<s3emu::JobAccess>(
      *parts->objects, parts->authority, own_account(config, *parts->authority), parts->clock);
  parts->own_buckets = std::make_unique<transfer::LocalBuckets>(*parts->objects, *parts->job_access);
  ASSIGN_OR_RETURN(parts->buckets,
                   transfer::ForeignBuckets::make(config.bucket_places, *parts->own_buckets, parts->random));
  return {};
}

// How many threads a job may have.
int job_workers() { return static_cast<int>(std::max(4U, std::thread::hardware_concurrency())); }

void build_jobs(const ServeConfig& config, ServerParts* parts) {
  const int workers = job_workers();
  parts->jobs = std::make_unique<jobs::JobRegistry>(parts->engine->catalog(), parts->clock, parts->random);
  parts->jobs->last_at_least(parts->schedule, {{"export", config.export_duration},
                                               {"import", config.import_duration},
                                               {timetravel::kRestoreKind, config.restore_duration}});
  parts->transfers = std::make_unique<transfer::Transfers>(
      *parts->jobs, *parts->engine, *parts->buckets, *parts->objects, *parts->job_access, posix_file_system(),
      parts->clock, parts->random, api::compile_item_filter, api::compile_put_condition,
      transfer::ImportJobs::Options{.error_log_directory = parts->directory->path() + "/import-errors",
                                    .workers = workers},
      transfer::BulkJobs::Options{.report_directory = parts->directory->path() + "/bulk-reports",
                                  .workers = workers});
  parts->time_travel = std::make_unique<timetravel::TimeTravel>(*parts->jobs, *parts->engine, parts->clock,
                                                                parts->random, parts->schedule, workers);
  parts->jobs->resume_all();
  parts->jobs->age_by(parts->schedule);
}

// DynamoDB and what else speaks the JSON and query protocols.
void build_dynamodb(const ServeConfig& config, ServerParts* parts) {
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
}

s3emu::S3Service::Options s3_options(const ServeConfig& config, ServerParts* parts) {
  s3emu::S3Service::Options options;
  options.region = config.region;
  options.owner = own_account(config, *parts->authority);
  // What SDKs that were set up for LocalStack call the server.
  options.base_domains.insert(options.base_domains.end(),
                              {"localhost.localstack.cloud", "s3.localhost.localstack.cloud"});
  options.base_domains.insert(options.base_domains.end(), config.s3_domains.begin(), config.s3_domains.end());
  options.cors_origins = config.cors_origins;
  if (config.s3_cors_any_origin) options.cors_origins.emplace_back("*");
  options.trusted_proxies = config.trusted_proxies;
  options.authority = parts->authority;
  options.lifecycle_changed = [sweeper = parts->lifecycle.get()] { sweeper->wake(); };
  options.wall = &parts->wall;
  return options;
}

void build_s3(const ServeConfig& config, ServerParts* parts) {
  parts->lifecycle = std::make_unique<s3emu::LifecycleSweeper>(*parts->objects, parts->clock);
  parts->lifecycle->start(parts->schedule);
  s3emu::S3Service::Options options = s3_options(config, parts);
  parts->base_domains = options.base_domains;
  parts->s3 =
      std::make_unique<s3emu::S3Service>(*parts->objects, std::move(options), parts->clock, parts->random);
}

// What the bill is made of.
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

}  // namespace

Result<void> build_services(const ServeConfig& config, ServerParts* parts) {
  RETURN_IF_ERROR(build_buckets(config, parts));
  build_jobs(config, parts);
  build_dynamodb(config, parts);
  build_s3(config, parts);
  start_ledger(config, parts);
  return {};
}

}  // namespace tidemark::server

#include "server/program/admin_routes.h"

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>

#include "admin/activity.h"
#include "admin/bill/bill.h"
#include "admin/branch.h"
#include "admin/clock.h"
#include "admin/health.h"
#include "admin/jobs.h"
#include "admin/metrics.h"
#include "admin/past.h"
#include "admin/reset.h"
#include "admin/rewind.h"
#include "admin/status.h"
#include "admin/tables.h"
#include "api/core/capacity_meter.h"
#include "server/live/requests.h"
#include "server/program/bucket_reset.h"
#include "server/program/endpoints.h"
#include "server/program/stores.h"
#include "server/version.h"

namespace tidemark::server {
namespace {

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

}  // namespace

std::vector<admin::Route> admin_routes(const ServeConfig& config, ServerParts* parts) {
  std::vector<admin::Route> all;
  for (const auto& family :
       {admin::health_routes(kVersion, [parts] { return parts->engine->room(); }),
        admin::clock_routes(parts->clock, parts->schedule, [parts] { parts->clock_keeper->keep(); }),
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

}  // namespace tidemark::server

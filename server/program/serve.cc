#include "server/program/serve.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <utility>

#include "admin/bill/report.h"
#include "base/file.h"
#include "base/log.h"
#include "server/command_line/command_line.h"
#include "server/environment.h"
#include "server/program/announcement.h"
#include "server/program/complain.h"
#include "server/program/doors.h"
#include "server/program/listeners.h"
#include "server/program/parts.h"
#include "server/program/process.h"
#include "server/program/services.h"
#include "server/program/stores.h"
#include "server/seed/seed.h"

namespace tidemark::server {
namespace {

// How long requests in progress may take after the signal to stop.
constexpr std::chrono::seconds kDrainPatience{10};

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

// Each step needs those before it.
Result<void> start(const ServeConfig& config, ServerParts* parts) {
  parts->schedule.start();
  RETURN_IF_ERROR(open_stores(config, parts));
  RETURN_IF_ERROR(build_services(config, parts));
  build_doors(config, parts);
  if (!config.seed.empty()) RETURN_IF_ERROR(sow(config, parts));
  RETURN_IF_ERROR(open_ports(config, parts));
  parts->directory->keep();
  return {};
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

}  // namespace

int serve(const ServeConfig& config) {
  prepare_process();
  log::set_level(config.log_level);
  log::set_format(config.log_format);
  tell_of_unknown_variables();
  ServerParts parts;
  parts.descriptors = plan_descriptors(raise_descriptor_limit(), config.threads);
  if (const auto started = start(config, &parts); !started) {
    return complain(started.error().message, config.log_format, kExitFailure);
  }
  log_start(config, parts);
  announce(config, parts);
  greet(config, parts);
  const int signal = wait_for_stop();
  log::info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  watch_over_stop();
  parts.schedule.stop();  // a move of the clock must not hold the end
  if (!parts.server->drain_and_stop(kDrainPatience)) log::warn("requests in progress were cut off");
  parts.clock_keeper->keep();
  return judge_bill(config, parts);
}

}  // namespace tidemark::server

#include "server/program/run_command.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <variant>

#include "base/file.h"
#include "base/random.h"
#include "server/commands/clock_command.h"
#include "server/commands/healthcheck.h"
#include "server/environment.h"
#include "server/program/complain.h"
#include "server/program/serve.h"

namespace tidemark::server {
namespace {

bool is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

// One function a command: each prints to standard output.
struct Run {
  log::Format format;

  int operator()(const PrintText& print) const {
    std::fputs(print.text.c_str(), stdout);
    return 0;
  }
  int operator()(const HealthcheckConfig& health) const {
    return done(check_health(health.server, std::chrono::seconds(health.wait_seconds)));
  }
  int operator()(const ClockConfig& clock) const {
    const auto state = run_clock(clock.server, clock.request);
    if (!state) return complain(state.error().message, format, kExitFailure);
    std::fputs(state->c_str(), stdout);
    return 0;
  }
  int operator()(const AccountsConfig& accounts) const {
    SystemRandom random;
    return done(run_accounts(accounts, posix_file_system(), random, stdout));
  }
  int operator()(const ApplyConfig& apply) const { return done(run_apply(apply, stdout)); }
  int operator()(const BillConfig& bill) const { return done(run_bill(bill, posix_file_system(), stdout)); }
  int operator()(const BranchConfig& branch) const { return done(run_branch(branch, stdout, is_terminal())); }
  int operator()(const DoctorConfig& doctor) const {
    return done(run_doctor(doctor, process_environment(), stdout));
  }
  int operator()(const DumpConfig& dump) const { return done(run_dump(dump, stdout)); }
  int operator()(const JobsConfig& jobs) const { return done(run_jobs(jobs, stdout, is_terminal())); }
  int operator()(const LoadConfig& load) const { return done(run_load(load, stdout)); }
  int operator()(const PastConfig& past) const { return done(run_past(past, stdout)); }
  int operator()(const ResetConfig& reset) const { return done(run_reset(reset, stdout)); }
  int operator()(const RewindConfig& rewind) const { return done(run_rewind(rewind, stdout, is_terminal())); }
  int operator()(const SeedConfig& sown) const { return done(run_seed(sown, stdout)); }
  int operator()(const StatusConfig& status) const { return done(run_status(status, stdout)); }
  int operator()(const TablesConfig& tables) const { return done(run_tables(tables, stdout)); }
  int operator()(const ServeConfig& config) const { return serve(config); }

 private:
  // The exit status of a command that can fail in no other way than this.
  [[nodiscard]] int done(const Result<void>& outcome) const {
    return outcome ? 0 : complain(outcome.error().message, format, kExitFailure);
  }
  // The exit status that the command itself settles on.
  [[nodiscard]] int done(const Result<int>& status) const {
    return status ? *status : complain(status.error().message, format, kExitFailure);
  }
};

}  // namespace

int run_command(const Command& command, log::Format format) { return std::visit(Run{format}, command); }

}  // namespace tidemark::server

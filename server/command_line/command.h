// What `tidemark` can be asked to do: one struct a command.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "server/accounts_command.h"
#include "server/apply_command.h"
#include "server/bill_command.h"
#include "server/branch_command.h"
#include "server/command_line/serve_config.h"
#include "server/doctor_command.h"
#include "server/dump_command.h"
#include "server/jobs_command.h"
#include "server/load_command.h"
#include "server/local_client.h"
#include "server/past_command.h"
#include "server/reset_command.h"
#include "server/rewind_command.h"
#include "server/seed_command.h"
#include "server/status_command.h"
#include "server/tables_command.h"

namespace tidemark::server {

struct HealthcheckConfig {
  ServerAddress server;
  std::int64_t wait_seconds = 0;  // how long the server may take to be well
};

struct ClockConfig {
  ServerAddress server;
  std::string request;  // see clock_request()
};

// Text to be printed to standard output, for --help, --version and `operations`.
struct PrintText {
  std::string text;
};

using Command =
    std::variant<ServeConfig, HealthcheckConfig, ClockConfig, JobsConfig, TablesConfig, PastConfig,
                 RewindConfig, BranchConfig, ApplyConfig, LoadConfig, DumpConfig, BillConfig, ResetConfig,
                 StatusConfig, DoctorConfig, AccountsConfig, SeedConfig, PrintText>;

}  // namespace tidemark::server

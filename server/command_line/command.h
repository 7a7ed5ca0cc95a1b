// What `tidemark` can be asked to do: one struct a command.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "server/client/local_client.h"
#include "server/command_line/serve_config.h"
#include "server/commands/accounts_command.h"
#include "server/commands/apply_command.h"
#include "server/commands/bill_command.h"
#include "server/commands/branch_command.h"
#include "server/commands/doctor_command.h"
#include "server/commands/dump_command.h"
#include "server/commands/jobs_command.h"
#include "server/commands/load_command.h"
#include "server/commands/past_command.h"
#include "server/commands/reset_command.h"
#include "server/commands/rewind_command.h"
#include "server/commands/seed_command.h"
#include "server/commands/status_command.h"
#include "server/commands/tables_command.h"

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

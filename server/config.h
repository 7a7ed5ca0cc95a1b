// The command line of `tidemark`: flags, environment, configuration file and defaults, in this order of
// precedence.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "admin/bill/charges.h"
#include "api/core/account_limits.h"
#include "api/core/compression.h"
#include "api/core/extensions.h"
#include "base/address.h"
#include "base/log.h"
#include "base/net/s3_endpoint.h"
#include "base/result.h"
#include "model/words/wording.h"
#include "server/accounts_command.h"
#include "server/apply_command.h"
#include "server/bill_command.h"
#include "server/branch_command.h"
#include "server/doctor_command.h"
#include "server/dump_command.h"
#include "server/http_post.h"
#include "server/jobs_command.h"
#include "server/load_command.h"
#include "server/local_client.h"
#include "server/past_command.h"
#include "server/personality/personality.h"
#include "server/personality/spaces.h"
#include "server/reset_command.h"
#include "server/rewind_command.h"
#include "server/seed_command.h"
#include "server/status_command.h"
#include "server/tables_command.h"

namespace tidemark::server {

// A port beside the two that every server has.
struct ListenerConfig {
  std::uint16_t port = 0;
  const Personality* personality = nullptr;  // never null once it is parsed
};

struct ServeConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;                    // DynamoDB, and S3 beside it; 0 picks a free one
  std::optional<std::uint16_t> s3_port = 9000;  // S3 alone; nothing: no such listener
  bool s3_port_by_default = true;               // nobody asked for it: the server may do without
  std::optional<std::uint16_t> console_port;    // the console and all services; nothing: no such listener
  const Personality* personality = nullptr;     // of the first port; null: the one that is usual there
  std::vector<ListenerConfig> listeners;        // more ports, with everything that the first one has
  bool loads_eagerly = false;                   // as in PersonalityFacts
  Spaces spaces = Spaces::kAccount;             // other than that only in open mode
  std::string data_directory = "./tidemark-data";
  std::string seed;  // what fills the server when it starts; empty: nothing
  ClientIdentity seed_identity;
  bool in_memory = false;  // then data_directory does not matter
  std::string region = "us-east-1";
  std::string account_id = "000000000000";
  bool strict_auth = false;              // signatures are verified; then there is a credentials file
  std::string credentials_file;          // empty: none
  std::int64_t auth_skew_seconds = 900;  // 0: the time of a signature does not matter
  bool account_per_key = false;          // every access key is an account of its own
  api::AccountLimits account_limits;
  model::Wording error_wording = model::kDefaultWording;
  bool fsync = false;
  api::CompressAnswers compress_answers = api::CompressAnswers::kForOtherMachines;
  bool delay_transient_statuses = false;  // tables stay CREATING, UPDATING and DELETING for a while
  std::chrono::microseconds ttl_lag = std::chrono::seconds(2);  // from an item's time to its deletion
  std::chrono::microseconds pitr_lag{0};                        // how far behind now restores reach
  std::chrono::microseconds export_duration{0};                 // from the start to the end, at least
  std::chrono::microseconds import_duration{0};
  std::string tls_cert;                // a chain in PEM; empty: none was given
  std::string tls_key;                 // given together with it
  bool tls_self_signed = false;        // then there is no tls_cert
  std::vector<std::string> tls_names;  // of that certificate
  std::string tls_ca_file;             // where its authority is copied to; empty: nowhere
  bool tls_also_plain = false;
  std::vector<std::string> cors_origins;      // lower case; pages that may use the server; `*`: all
  std::vector<std::string> allowed_hosts;     // lower case; names by which browsers may call the server
  std::vector<AddressRange> trusted_proxies;  // whose X-Forwarded-Proto counts
  bool s3_cors_any_origin = false;
  std::vector<std::string> s3_domains;  // lower case; names below which buckets are hosts, beside localhost
  std::optional<HttpUrl> s3_webhook;    // where the events of objects go
  BucketPlaces bucket_places;           // of exports and imports
  api::Extensions extensions;
  admin::Prices bill_prices;
  std::optional<double> bill_limit_usd;  // above it, the end of the server is a failure
  unsigned threads = 2;
  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kText;

  [[nodiscard]] bool has_tls() const { return tls_self_signed || !tls_cert.empty(); }
};

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

// The value of an environment variable, or nothing. An empty value counts as unset.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// `arguments` without the program's name; `hardware_threads` sets the default of --threads.
// Errors: kInvalidArgument, with one line for the user that names the flag, variable or file concerned.
Result<Command> parse_command_line(const std::vector<std::string>& arguments, const Environment& environment,
                                   unsigned hardware_threads);

// In which form to complain about what parse_command_line() refuses: the log format that the same sources ask
// for, as far as they can be read.
log::Format asked_log_format(const std::vector<std::string>& arguments, const Environment& environment);

Environment process_environment();
// The names of all variables that are settings of some command.
std::vector<std::string> setting_variables();

}  // namespace tidemark::server

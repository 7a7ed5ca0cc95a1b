#include "server/config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>
#include <span>
#include <string_view>

#include "api/front/operation_list.h"
#include "base/clock.h"
#include "base/nearest.h"
#include "base/text.h"
#include "server/asking_commands.h"
#include "server/environment.h"
#include "server/personality/foreign_line.h"
#include "server/source_endpoint.h"
#include "server/version.h"

namespace tidemark::server {
namespace {

// Every setting once: its flag, the variable (TIDEMARK_ and the name in capitals) and the key in the file
// follow from its name.
struct Setting {
  const char* name;
  const char* value_name;  // nullptr: a switch
  const char* help;
  bool is_list = false;  // may be given several times, and as a list split by commas
};

// How far a flag may be from the one that was meant.
constexpr std::size_t kSlipsMax = 3;

constexpr Setting kConfig = {"config", "FILE",
                             "Read settings from FILE: lines of name = value, named as the flags"};

constexpr Setting kLogFormat = {
    "log-format", "FORMAT", "text or json: one object a line, also for a start that fails (default text)"};

constexpr Setting kServeSettings[] = {
    {"host", "ADDRESS", "Address or name to listen on (default 127.0.0.1)"},
    {"port", "PORT", "Port of DynamoDB, with S3 beside it; 0 picks a free one (default 8000)"},
    {"s3-port", "PORT", "Port of S3 alone; 0 picks a free one, `off`: none (default 9000, if free)"},
    {"console-port", "PORT",
     "A port on which / is the console, beside all services; 0 picks a free one (default: none; the console "
     "is at "
     "/_tidemark/console/ of the others)"},
    {"personality", "NAME",
     "What the first port looks like to programs that wait for another server: tidemark, dynamodb-local, "
     "localstack, minio or service; with it, the line that they wait for is printed (default: what is usual "
     "at "
     "the port, 8000 as DynamoDB Local, 4566 as LocalStack, 9000 as MinIO)"},
    {"listen", "PORT[=NAME]",
     "One more port, with everything that the first one has, and the personality of that name; may be given "
     "several times",
     true},
    {"data-dir", "DIR", "Where the data is kept; created when missing (default ./tidemark-data)"},
    {"in-memory", nullptr, "Keep the data in a private temporary directory that is removed at the end"},
    {"seed", "DIR",
     "Make the tables and items that DIR has, before the first request: templates of CloudFormation and SAM, "
     "requests of CreateTable, JSON lines, CSV, exports; tables that are there are left as they are"},
    {"region", "REGION", "Region of callers whose credentials name none (default us-east-1)"},
    {"account-id", "ID", "Account of callers, twelve digits (default 000000000000)"},
    {"spaces", "BY",
     "Whose tables callers see, without --auth strict: account, those of their account and Region; key, "
     "those "
     "of their access key and Region; one, all the same (default account)"},
    {"auth", "MODE", "open: any credentials will do; strict: verify signatures (default open)"},
    {"credentials", "FILE", "Keys and accounts, as in ~/.aws/credentials; needed by --auth strict"},
    {"auth-skew-seconds", "N",
     "How far a signature's time may be from ours; 0: any time will do (default 900)"},
    {"account-per-key", nullptr,
     "Without --auth strict: every access key is an account of its own, with tables and buckets of its own"},
    {"account-tables-max", "N", "How many tables an account may have; 0: any number (default 0)"},
    {"account-bytes-max", "SIZE",
     "How much the tables of an account may hold, in bytes or as 500K, 100M or 2G; 0: any (default 0)"},
    {"tls-cert", "FILE",
     "Speak HTTPS on all ports, with this certificate and its chain in PEM; needs --tls-key"},
    {"tls-key", "FILE", "The private key of --tls-cert in PEM"},
    {"tls-self-signed", nullptr,
     "Speak HTTPS with a certificate of our own, kept in the data directory, as is authority.pem for clients "
     "to "
     "trust"},
    {"tls-name", "NAMES",
     "Names and addresses in that certificate, split by commas (default: localhost, 127.0.0.1, ::1 and the "
     "host's name)"},
    {"tls-ca-file", "FILE", "Also put what clients are to trust there"},
    {"tls-also-plain", nullptr,
     "Let everybody use the same ports without TLS, too; otherwise only callers on this machine may"},
    {"cors-allow", "ORIGINS",
     "Web pages that may use the server, split by commas, beside those of this machine: http://app.lan; `*`: "
     "all"},
    {"allowed-host", "NAMES",
     "Names by which browsers may call the server, split by commas, beside local ones"},
    {"trusted-proxy", "ADDRESSES",
     "Proxies whose X-Forwarded-Proto is believed, split by commas: 10.0.0.0/8"},
    {"error-wording", "WORDING",
     "How refused requests are worded: current, as most AWS Regions do since 2026, or classic, as all did "
     "before (default current)"},
    {"fsync", nullptr, "Acknowledge a write only when it would survive a power loss"},
    {"compress-answers", "WHOM",
     "never, remote or always: whose DynamoDB answers over 4 KB are compressed, if they accept it; within "
     "one "
     "machine that takes longer than sending (default remote)"},
    {"delay-transient-statuses", nullptr,
     "Let tables and indexes be CREATING, UPDATING and DELETING about as long as on AWS: up to a minute, and "
     "time to live ENABLING and DISABLING for an hour"},
    {"ttl-lag", "DURATION",
     "How long after its time to live an item is deleted, ISO 8601: PT48H as AWS may take (default PT2S)"},
    {"pitr-lag", "DURATION",
     "How far behind now the latest moment is that a table can be restored to, ISO 8601: PT5M as on AWS "
     "(default PT0S)"},
    {"export-duration", "DURATION",
     "How long an export is IN_PROGRESS at least, by the service's clock, ISO 8601 (default PT0S)"},
    {"import-duration", "DURATION", "The same for imports, whose table is CREATING meanwhile (default PT0S)"},
    {"realistic", nullptr,
     "Take about the times that AWS takes, where they are not given: --pitr-lag PT5M, --ttl-lag PT48H, "
     "--export-duration PT5M, --import-duration PT3M and --delay-transient-statuses"},
    {"bill-limit", "USD",
     "Exit with 1 at the end, and the five dearest lines, if AWS would have charged more than that since the "
     "start"},
    {"bill-prices", "FILE",
     "The prices of bills, YAML or JSON (default: list prices of us-east-1, see docs/bill.md)"},
    {"s3-cors-any-origin", nullptr, "Let every web page use S3, whatever the CORS rules of a bucket say"},
    {"s3-domain", "NAMES", "Names below which buckets are hosts, split by commas, beside localhost: s3.lan"},
    {"s3-webhook", "URL",
     "Post S3's event records to this http:// address whenever an object is created, removed or tagged"},
    {"s3-endpoint", "URL",
     "The S3 service that exports write to and imports read from, http:// or https://; this server's own S3 "
     "is then without them (default: this server)"},
    {"bucket", "NAME=URL",
     "The same for single buckets, split by commas: lake=https://s3.lan,in=http://10.0.0.7:9000"},
    {"s3-endpoint-region", "REGION", "The region of that service (default: that of --region)"},
    {"s3-endpoint-credentials", "FILE",
     "Our keys there, as in ~/.aws/credentials (default: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
     "AWS_SESSION_TOKEN)"},
    {"s3-endpoint-profile", "NAME", "The profile in that file (default: the first)"},
    {"s3-endpoint-style", "STYLE",
     "path: http://host/bucket/key; host: http://bucket.host/key (default path)"},
    {"s3-endpoint-ca", "FILE", "Authorities in PEM that https:// trusts there, instead of the system's"},
    {"extensions", "NAMES", "What DynamoDB cannot do: csv-export, ExportFormat may be CSV (default none)"},
    {"s3-endpoint-patience", "DURATION",
     "How long nothing may happen at that service before it is asked again, ISO 8601 (default "
     "PT30S)"},
    {"threads", "N", "Network threads, 1 to 64 (default: one a processor, 8 at most)"},
    {"log-level", "LEVEL",
     "debug (a line for each request), info, warn, error or off, to standard error (default info)"},
    kLogFormat,
    kConfig,
};
// What the commands take that ask a running server.
constexpr Setting kServerSettings[] = {
    {"host", "ADDRESS", "Where the server listens (default 127.0.0.1)"},
    {"port", "PORT", "Its port (default 8000)"},
    kConfig,
};

constexpr const char* kFooter =
    "Every setting of serve can also be given as an environment variable (TIDEMARK_PORT for --port, "
    "TIDEMARK_DATA_DIR\n"
    "for --data-dir and so on; an empty one counts as unset) or in the file that --config or TIDEMARK_CONFIG "
    "names.\n"
    "A flag comes before a variable, a variable before the file, the file before the default.\n"
    "Switches take true or false: --fsync=false, TIDEMARK_FSYNC=true.\n"
    "\n"
    "When the server is ready it prints one line of JSON to standard output. SIGTERM and SIGINT end it after "
    "the\n"
    "requests in progress. Exit status: 0 ended as asked, 1 could not start or is not healthy, 2 wrong "
    "usage.";

enum class Rank { kFile, kVariable, kFlag };

// A setting that somebody gave: what, how it is called where it stands, and how strongly it counts.
struct Given {
  std::string value;
  std::string source;
  Rank rank = Rank::kFlag;
};
using GivenSettings = std::map<std::string, Given>;

std::string variable_of(std::string_view name) {
  std::string variable = "TIDEMARK_";
  for (const char c : name) {
    variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return variable;
}

Error bad_value(const Given& given, std::string_view wanted) {
  return Error::invalid_argument(given.source + ": '" + given.value + "' is not " + std::string(wanted));
}

Result<std::uint64_t> parse_number(const Given& given, std::uint64_t smallest, std::uint64_t largest,
                                   std::string_view what) {
  std::uint64_t number = 0;
  const char* const end = given.value.data() + given.value.size();
  const auto [stop, error] = std::from_chars(given.value.data(), end, number);
  if (error != std::errc() || stop != end || number < smallest || number > largest) {
    return fail(bad_value(
        given, std::string(what) + " (" + std::to_string(smallest) + " to " + std::to_string(largest) + ")"));
  }
  return number;
}

Result<std::uint16_t> parse_port(const Given& given) {
  ASSIGN_OR_RETURN(const std::uint64_t port, parse_number(given, 0, 65'535, "a port"));
  return static_cast<std::uint16_t>(port);
}

Result<std::size_t> parse_table_count(const Given& given) {
  return parse_number(given, 0, 1'000'000, "a number of tables");
}

// `1048576`, `512K`, `100M`, `2G`: powers of 1024.
Result<std::uint64_t> parse_size(const Given& given) {
  constexpr std::string_view kUnits = "KMG";
  Given digits = given;
  int shift = 0;
  if (!digits.value.empty()) {
    const std::size_t unit = kUnits.find(digits.value.back());
    if (unit != std::string_view::npos) {
      shift = 10 * (static_cast<int>(unit) + 1);
      digits.value.pop_back();
    }
  }
  constexpr std::uint64_t kLargest = 1ULL << 60;
  const auto number = parse_number(digits, 0, kLargest >> static_cast<unsigned>(shift), "a size");
  if (!number) return fail(bad_value(given, "a size (1000000, 500K, 100M or 2G)"));
  return *number << static_cast<unsigned>(shift);
}

Result<bool> parse_switch(const Given& given) {
  std::string word = given.value;
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "true" || word == "1" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "0" || word == "no" || word == "off") return false;
  return fail(bad_value(given, "true or false"));
}

Result<std::string> parse_text(const Given& given, std::size_t smallest, std::size_t largest,
                               std::string_view alphabet, std::string_view what) {
  if (given.value.size() < smallest || given.value.size() > largest ||
      given.value.find_first_not_of(alphabet) != std::string::npos) {
    return fail(bad_value(given, what));
  }
  return given.value;
}

Result<std::string> parse_non_empty(const Given& given, std::string_view what) {
  if (given.value.empty()) return fail(bad_value(given, what));
  return given.value;
}

// Settings of the file that are not settled by a stronger source.
Result<void> add_file(std::span<const Setting> known, const Given& config, GivenSettings* settings) {
  std::ifstream stream(config.value);
  if (!stream) return fail(Error::invalid_argument(config.source + ": cannot read '" + config.value + "'"));
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigBase().from_config(stream);
  } catch (const std::exception& exception) {
    return fail(Error::invalid_argument(config.value + ": " + exception.what()));
  }
  for (const CLI::ConfigItem& item : items) {
    std::string name = item.name;
    std::replace(name.begin(), name.end(), '_', '-');
    if (name == "++" || name == "--") {
      continue;  // how CLI11 marks begin and end of a section
    }
    const auto is_named = [&](const Setting& setting) { return setting.name == name; };
    const bool is_ours = std::any_of(std::begin(kServeSettings), std::end(kServeSettings), is_named);
    const bool is_section_fine = item.parents.empty() || item.parents == std::vector<std::string>{"serve"};
    if (!is_ours || !is_section_fine || name == kConfig.name) {
      return fail(Error::invalid_argument(config.value + ": unknown setting '" + item.fullname() + "'"));
    }
    if (item.inputs.size() != 1) {
      return fail(Error::invalid_argument(config.value + ": " + name + " needs one value"));
    }
    if (std::any_of(known.begin(), known.end(), is_named)) {
      settings->try_emplace(name, Given{item.inputs.front(), config.value + ": " + name, Rank::kFile});
    }
  }
  return {};
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
  return text;
}

// Flags as CLI11 found them, then the environment.
GivenSettings gather_without_file(const CLI::App& command, std::span<const Setting> known,
                                  const Environment& environment) {
  GivenSettings settings;
  for (const Setting& setting : known) {
    const std::string flag = std::string("--") + setting.name;
    const CLI::Option* option = command.get_option(flag);
    if (option->count() > 0) {
      settings[setting.name] = {setting.is_list ? joined(option->results()) : option->results().back(), flag,
                                Rank::kFlag};
      continue;
    }
    const std::string variable = variable_of(setting.name);
    const auto value = environment(variable);
    if (value && !value->empty() && !is_service_link(variable, *value)) {
      settings[setting.name] = {*value, variable, Rank::kVariable};
    }
  }
  return settings;
}

// Nobody can tell which of two was meant.
Result<void> check_given_once(const CLI::App& command, std::span<const Setting> known) {
  for (const Setting& setting : known) {
    const std::string flag = std::string("--") + setting.name;
    if (!setting.is_list && command.get_option(flag)->count() > 1) {
      return fail(Error::invalid_argument(flag + " is given more than once"));
    }
  }
  return {};
}

Result<void> add_named_file(std::span<const Setting> known, GivenSettings* settings) {
  const auto config = settings->find(kConfig.name);
  if (config == settings->end()) return {};
  const Given file = config->second;
  return add_file(known, file, settings);
}

// Flags, then the environment, then the file.
Result<GivenSettings> gather(const CLI::App& command, std::span<const Setting> known,
                             const Environment& environment) {
  RETURN_IF_ERROR(check_given_once(command, known));
  GivenSettings settings = gather_without_file(command, known, environment);
  RETURN_IF_ERROR(add_named_file(known, &settings));
  return settings;
}

// Calls `parse` for a setting that was given and stores the outcome.
template <class T, class Parse>
Result<void> assign(const GivenSettings& settings, const char* name, T* target, Parse parse) {
  if (const auto given = settings.find(name); given != settings.end()) {
    ASSIGN_OR_RETURN(auto value, parse(given->second));
    *target = std::move(value);
  }
  return {};
}

Result<std::string> parse_host(const Given& given) { return parse_non_empty(given, "an address"); }

Result<std::optional<std::uint16_t>> parse_optional_port(const Given& given) {
  if (given.value.empty() || given.value == "off") return std::optional<std::uint16_t>();
  ASSIGN_OR_RETURN(const std::uint16_t port, parse_port(given));
  return std::optional(port);
}

Result<unsigned> parse_threads(const Given& given) {
  ASSIGN_OR_RETURN(const std::uint64_t threads, parse_number(given, 1, 64, "a number of threads"));
  return static_cast<unsigned>(threads);
}

// In lower case.
std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  for (;;) {
    const std::size_t comma = text.find(',');
    items.push_back(lower_case(text.substr(0, comma)));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

Result<std::vector<std::string>> parse_domains(const Given& given) {
  std::vector<std::string> domains = split_list(given.value);
  for (const std::string& domain : domains) {
    const bool is_name =
        !domain.empty() && domain.front() != '.' && domain.back() != '.' &&
        domain.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
    if (!is_name) return fail(bad_value(given, "a list of domain names"));
  }
  return domains;
}

// As browsers write them.
Result<std::vector<std::string>> parse_origins(const Given& given) {
  std::vector<std::string> origins = split_list(given.value);
  for (std::string& origin : origins) {
    if (origin.ends_with('/')) origin.pop_back();
    const std::size_t scheme = origin.find("://");
    const bool is_origin = scheme != std::string::npos && scheme > 0 && scheme + 3 < origin.size() &&
                           origin.find('/', scheme + 3) == std::string::npos;
    if (!is_origin && origin != "*" && origin != "null") {
      return fail(bad_value(given, "a list of origins (http://app.lan)"));
    }
  }
  return origins;
}

Result<std::vector<AddressRange>> parse_proxies(const Given& given) {
  std::vector<AddressRange> proxies;
  for (const std::string& item : split_list(given.value)) {
    auto range = parse_address_range(item);
    if (!range) return fail(bad_value(given, "a list of addresses (10.0.0.1) or ranges (10.0.0.0/8)"));
    proxies.push_back(std::move(*range));
  }
  return proxies;
}

Result<std::optional<HttpUrl>> parse_webhook(const Given& given) {
  auto url = parse_http_url(given.value);
  if (!url) return fail(Error::invalid_argument(given.source + ": " + url.error().message));
  return std::optional(std::move(*url));
}

Result<log::Level> parse_log_level(const Given& given) {
  log::Level level = log::Level::kInfo;
  if (!log::parse_level(given.value, &level)) {
    return fail(bad_value(given, "a log level (debug, info, warn, error, off)"));
  }
  return level;
}

Result<log::Format> parse_log_format(const Given& given) {
  log::Format format = log::Format::kText;
  if (!log::parse_format(given.value, &format)) return fail(bad_value(given, "a log format (text, json)"));
  return format;
}

Result<api::CompressAnswers> parse_compression(const Given& given) {
  if (given.value == "never") return api::CompressAnswers::kNever;
  if (given.value == "remote") return api::CompressAnswers::kForOtherMachines;
  if (given.value == "always") return api::CompressAnswers::kAlways;
  return fail(bad_value(given, "never, remote or always"));
}

// True for strict.
Result<bool> parse_auth(const Given& given) {
  if (given.value != "open" && given.value != "strict") return fail(bad_value(given, "open or strict"));
  return given.value == "strict";
}

Result<model::Wording> parse_error_wording(const Given& given) {
  const auto wording = model::parse_wording(given.value);
  if (!wording) return fail(bad_value(given, "current or classic"));
  return *wording;
}

Result<std::chrono::microseconds> parse_duration(const Given& given) {
  const auto duration = parse_iso_duration(given.value);
  if (!duration) return fail(bad_value(given, "a duration like PT10S or P2D"));
  return *duration;
}

Result<std::int64_t> parse_skew(const Given& given) {
  ASSIGN_OR_RETURN(const std::uint64_t seconds, parse_number(given, 0, 1'000'000'000, "a number of seconds"));
  return static_cast<std::int64_t>(seconds);
}

Result<void> assign_auth(const GivenSettings& settings, ServeConfig* config) {
  RETURN_IF_ERROR(assign(settings, "auth", &config->strict_auth, parse_auth));
  RETURN_IF_ERROR(assign(settings, "credentials", &config->credentials_file,
                         [](const Given& given) { return parse_non_empty(given, "a file"); }));
  RETURN_IF_ERROR(assign(settings, "auth-skew-seconds", &config->auth_skew_seconds, parse_skew));
  RETURN_IF_ERROR(assign(settings, "account-per-key", &config->account_per_key, parse_switch));
  if (config->strict_auth && config->account_per_key) {
    return fail(Error::invalid_argument(settings.at("account-per-key").source +
                                        ": with --auth strict the credentials file says whose a key is"));
  }
  RETURN_IF_ERROR(
      assign(settings, "account-tables-max", &config->account_limits.tables_max, parse_table_count));
  RETURN_IF_ERROR(assign(settings, "account-bytes-max", &config->account_limits.bytes_max, parse_size));
  if (config->strict_auth && config->credentials_file.empty()) {
    return fail(Error::invalid_argument(settings.at("auth").source +
                                        ": strict needs to know who may call: --credentials FILE"));
  }
  return {};
}

// As whom the seed is sown: the server's own account, or, where keys count, those of the environment.
Result<void> settle_seed(const GivenSettings& settings, const Environment& environment, ServeConfig* config) {
  config->seed_identity.region = config->region;
  const bool keys_count = config->strict_auth || config->account_per_key;
  if (config->seed.empty() || !keys_count) return {};
  const auto access_key = environment("AWS_ACCESS_KEY_ID");
  const auto secret_key = environment("AWS_SECRET_ACCESS_KEY");
  if (!access_key || !secret_key) {
    return fail(Error::invalid_argument(settings.at("seed").source +
                                        ": whose the tables are say AWS_ACCESS_KEY_ID and "
                                        "AWS_SECRET_ACCESS_KEY, which are not set"));
  }
  config->seed_identity.access_key = *access_key;
  config->seed_identity.secret_key = *secret_key;
  return {};
}

Result<std::string> parse_file(const Given& given) { return parse_non_empty(given, "a file"); }

// Which certificate, if any. Names are checked when it is made.
Result<void> assign_tls(const GivenSettings& settings, ServeConfig* config) {
  RETURN_IF_ERROR(assign(settings, "tls-cert", &config->tls_cert, parse_file));
  RETURN_IF_ERROR(assign(settings, "tls-key", &config->tls_key, parse_file));
  RETURN_IF_ERROR(assign(settings, "tls-self-signed", &config->tls_self_signed, parse_switch));
  RETURN_IF_ERROR(assign(settings, "tls-ca-file", &config->tls_ca_file, parse_file));
  RETURN_IF_ERROR(assign(settings, "tls-also-plain", &config->tls_also_plain, parse_switch));
  RETURN_IF_ERROR(assign(settings, "tls-name", &config->tls_names, [](const Given& given) {
    return Result<std::vector<std::string>>(split_list(given.value));
  }));
  if (config->tls_cert.empty() != config->tls_key.empty()) {
    return fail(Error::invalid_argument("--tls-cert and --tls-key need each other"));
  }
  if (config->tls_self_signed && !config->tls_cert.empty()) {
    return fail(Error::invalid_argument("--tls-self-signed and --tls-cert exclude each other"));
  }
  for (const char* const name : {"tls-name", "tls-ca-file"}) {
    const auto given = settings.find(name);
    if (given == settings.end() || config->tls_self_signed) continue;
    return fail(Error::invalid_argument(given->second.source + " needs --tls-self-signed"));
  }
  const auto plain = settings.find("tls-also-plain");
  if (config->tls_also_plain && !config->has_tls()) {
    return fail(Error::invalid_argument(plain->second.source + " needs --tls-cert or --tls-self-signed"));
  }
  return {};
}

// Where the data lives: the stronger of --data-dir and --in-memory.
Result<void> settle_storage(const GivenSettings& settings, ServeConfig* config) {
  const auto directory = settings.find("data-dir");
  if (!config->in_memory || directory == settings.end()) return {};
  const Rank memory_rank = settings.at("in-memory").rank;
  if (directory->second.rank == memory_rank) {
    return fail(Error::invalid_argument(settings.at("in-memory").source + " and " + directory->second.source +
                                        " exclude each other"));
  }
  config->in_memory = memory_rank > directory->second.rank;
  return {};
}

// What takes its time. The service's own times are there with one switch, and each can be given all the same.
Result<void> assign_times(const GivenSettings& settings, ServeConfig* config) {
  bool is_realistic = false;
  RETURN_IF_ERROR(assign(settings, "realistic", &is_realistic, parse_switch));
  if (is_realistic) {
    config->delay_transient_statuses = true;
    config->ttl_lag = std::chrono::hours(48);
    config->pitr_lag = std::chrono::minutes(5);
    config->export_duration = std::chrono::minutes(5);
    config->import_duration = std::chrono::minutes(3);
  }
  RETURN_IF_ERROR(
      assign(settings, "delay-transient-statuses", &config->delay_transient_statuses, parse_switch));
  RETURN_IF_ERROR(assign(settings, "ttl-lag", &config->ttl_lag, parse_duration));
  RETURN_IF_ERROR(assign(settings, "pitr-lag", &config->pitr_lag, parse_duration));
  RETURN_IF_ERROR(assign(settings, "export-duration", &config->export_duration, parse_duration));
  return assign(settings, "import-duration", &config->import_duration, parse_duration);
}

Result<double> parse_usd(const Given& given) {
  double usd = 0;
  const char* const end = given.value.data() + given.value.size();
  const auto [stop, error] = std::from_chars(given.value.data(), end, usd);
  if (error == std::errc() && stop == end && usd >= 0 && usd <= 1e12) return usd;
  return fail(bad_value(given, "a number of USD, 0 or more"));
}

Result<admin::Prices> load_prices(const Given& given) {
  const auto text = read_file(posix_file_system(), given.value);
  if (!text) {
    return fail(Error::invalid_argument(given.source + ": " + given.value +
                                        " cannot be read: " + text.error().message));
  }
  return admin::parse_prices(*text, given.value);
}

Result<void> assign_bill(const GivenSettings& settings, ServeConfig* config) {
  RETURN_IF_ERROR(assign(settings, "bill-limit", &config->bill_limit_usd, parse_usd));
  return assign(settings, "bill-prices", &config->bill_prices, load_prices);
}

Result<S3Address> parse_endpoint(const Given& given, std::string_view url) {
  auto address = parse_s3_address(url);
  if (!address) return fail(Error::invalid_argument(given.source + ": " + address.error().message));
  return address;
}

// `lake=http://s3.lan,in=http://10.0.0.7:9000`
Result<std::map<std::string, S3Address>> parse_buckets(const Given& given) {
  std::map<std::string, S3Address> addresses;
  for (std::string_view rest = given.value; !rest.empty();) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::string name(item.substr(0, equals));
    if (name.empty() || equals == item.size()) {
      return fail(bad_value(given, "a list of buckets and where they are (lake=http://s3.lan)"));
    }
    ASSIGN_OR_RETURN(const S3Address address, parse_endpoint(given, item.substr(equals + 1)));
    if (!addresses.emplace(name, address).second) {
      return fail(bad_value(given, "a list that names each bucket once"));
    }
  }
  return addresses;
}

Result<BucketStyle> parse_bucket_style(const Given& given) {
  if (given.value == "path") return BucketStyle::kPath;
  if (given.value == "host") return BucketStyle::kHost;
  return fail(bad_value(given, "path or host"));
}

// `csv-export`
Result<api::Extensions> parse_extensions(const Given& given) {
  api::Extensions extensions;
  for (std::string_view rest = given.value; !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    if (name != "csv-export") return fail(bad_value(given, "a list of extensions (csv-export)"));
    extensions.csv_export = true;
  }
  return extensions;
}

// Who this server is at the S3 service elsewhere.
Result<auth::SigningIdentity> foreign_identity(const GivenSettings& settings,
                                               const Environment& environment) {
  if (const auto file = settings.find("s3-endpoint-credentials"); file != settings.end()) {
    const auto profile = settings.find("s3-endpoint-profile");
    auto identity = load_identity(posix_file_system(), file->second.value,
                                  profile == settings.end() ? "" : profile->second.value);
    if (!identity) {
      return fail(Error::invalid_argument(file->second.source + ": " + identity.error().message));
    }
    return identity;
  }
  if (auto identity = environment_identity(environment)) return *std::move(identity);
  return fail(Error::invalid_argument(
      "buckets elsewhere need keys: give --s3-endpoint-credentials FILE, or AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY"));
}

// Where exports write to and imports read from.
Result<void> assign_buckets(const GivenSettings& settings, const Environment& environment,
                            ServeConfig* config) {
  S3Endpoint endpoint;
  std::map<std::string, S3Address> addresses;
  RETURN_IF_ERROR(assign(settings, "bucket", &addresses, parse_buckets));
  RETURN_IF_ERROR(assign(settings, "s3-endpoint-style", &endpoint.style, parse_bucket_style));
  RETURN_IF_ERROR(assign(settings, "s3-endpoint-ca", &endpoint.ca_file,
                         [](const Given& given) { return parse_non_empty(given, "a file"); }));
  std::chrono::microseconds patience = endpoint.patience;
  RETURN_IF_ERROR(assign(settings, "s3-endpoint-patience", &patience, parse_duration));
  endpoint.patience = std::chrono::ceil<std::chrono::milliseconds>(patience);
  const auto others = settings.find("s3-endpoint");
  if (others == settings.end() && addresses.empty()) return {};
  ASSIGN_OR_RETURN(endpoint.identity, foreign_identity(settings, environment));
  endpoint.identity.region = config->region;
  RETURN_IF_ERROR(assign(settings, "s3-endpoint-region", &endpoint.identity.region, [](const Given& given) {
    return parse_text(given, 1, 64, "abcdefghijklmnopqrstuvwxyz0123456789-", "a region");
  }));
  for (const auto& [name, address] : addresses) {
    endpoint.address = address;
    config->bucket_places.named.emplace(name, endpoint);
  }
  if (others == settings.end()) return {};
  ASSIGN_OR_RETURN(endpoint.address, parse_endpoint(others->second, others->second.value));
  config->bucket_places.others = endpoint;
  return {};
}

Result<const Personality*> parse_personality(const Given& given) {
  const Personality* const personality = find_personality(given.value);
  if (personality != nullptr) return personality;
  return fail(bad_value(given, "tidemark, dynamodb-local, localstack, minio or service"));
}

// `4566=localstack,9000`
Result<std::vector<ListenerConfig>> parse_listeners(const Given& given) {
  std::vector<ListenerConfig> listeners;
  for (const std::string& item : split_list(given.value)) {
    const std::size_t equals = std::min(item.find('='), item.size());
    Given part = given;
    part.value = item.substr(0, equals);
    ListenerConfig listener;
    ASSIGN_OR_RETURN(listener.port, parse_port(part));
    listener.personality = &personality_of_port(listener.port, kTidemarkPersonality);
    if (equals < item.size()) {
      part.value = item.substr(equals + 1);
      ASSIGN_OR_RETURN(listener.personality, parse_personality(part));
    }
    listeners.push_back(listener);
  }
  return listeners;
}

Result<Spaces> parse_spaces(const Given& given) {
  if (given.value == "account") return Spaces::kAccount;
  if (given.value == "key") return Spaces::kKey;
  if (given.value == "one") return Spaces::kOne;
  return fail(bad_value(given, "account, key or one"));
}

// Which ports there are, and what they look like. No port twice.
Result<void> assign_listeners(const GivenSettings& settings, ServeConfig* config) {
  RETURN_IF_ERROR(assign(settings, "port", &config->port, parse_port));
  RETURN_IF_ERROR(assign(settings, "s3-port", &config->s3_port, parse_optional_port));
  config->s3_port_by_default = !settings.contains("s3-port");
  RETURN_IF_ERROR(assign(settings, "personality", &config->personality, parse_personality));
  RETURN_IF_ERROR(assign(settings, "listen", &config->listeners, parse_listeners));
  std::vector<std::uint16_t> taken = {config->port};
  for (const ListenerConfig& listener : config->listeners) {
    if (listener.port != 0 && std::find(taken.begin(), taken.end(), listener.port) != taken.end()) {
      return fail(Error::invalid_argument(settings.at("listen").source + ": port " +
                                          std::to_string(listener.port) + " is given more than once"));
    }
    taken.push_back(listener.port);
  }
  // Nobody asked for S3's own port: then whoever is there by name goes before.
  const bool is_taken = config->s3_port && *config->s3_port != 0 &&
                        std::find(taken.begin(), taken.end(), *config->s3_port) != taken.end();
  if (!is_taken) return {};
  if (config->s3_port_by_default) {
    config->s3_port.reset();
    return {};
  }
  if (*config->s3_port == config->port) {
    return fail(
        Error::invalid_argument("--s3-port: " + std::to_string(config->port) +
                                " is the port of DynamoDB already, where S3 answers, too; `off` will do"));
  }
  return fail(Error::invalid_argument("--s3-port: " + std::to_string(*config->s3_port) +
                                      " is a port of --listen already"));
}

Result<Command> serve_command(const GivenSettings& settings, const Environment& environment,
                              unsigned hardware_threads) {
  ServeConfig config;
  config.threads = std::clamp(hardware_threads, 1U, 8U);
  RETURN_IF_ERROR(assign(settings, "host", &config.host, parse_host));
  RETURN_IF_ERROR(assign_listeners(settings, &config));
  RETURN_IF_ERROR(assign(settings, "error-wording", &config.error_wording, parse_error_wording));
  RETURN_IF_ERROR(assign(settings, "console-port", &config.console_port, parse_optional_port));
  RETURN_IF_ERROR(assign(settings, "data-dir", &config.data_directory,
                         [](const Given& given) { return parse_non_empty(given, "a directory"); }));
  RETURN_IF_ERROR(assign(settings, "in-memory", &config.in_memory, parse_switch));
  RETURN_IF_ERROR(assign(settings, "seed", &config.seed,
                         [](const Given& given) { return parse_non_empty(given, "a directory"); }));
  RETURN_IF_ERROR(assign(settings, "region", &config.region, [](const Given& given) {
    return parse_text(given, 1, 64, "abcdefghijklmnopqrstuvwxyz0123456789-", "a region");
  }));
  RETURN_IF_ERROR(assign(settings, "account-id", &config.account_id, [](const Given& given) {
    return parse_text(given, 12, 12, "0123456789", "an account id (twelve digits)");
  }));
  RETURN_IF_ERROR(assign_auth(settings, &config));
  RETURN_IF_ERROR(settle_seed(settings, environment, &config));
  RETURN_IF_ERROR(assign(settings, "spaces", &config.spaces, parse_spaces));
  if (config.strict_auth && config.spaces != Spaces::kAccount) {
    return fail(Error::invalid_argument(settings.at("spaces").source +
                                        ": with --auth strict tables are those of the key's account"));
  }
  if (config.account_per_key && config.spaces != Spaces::kAccount) {
    return fail(Error::invalid_argument(settings.at("spaces").source +
                                        ": with --account-per-key tables are those of the key's account"));
  }
  RETURN_IF_ERROR(assign_tls(settings, &config));
  RETURN_IF_ERROR(assign(settings, "cors-allow", &config.cors_origins, parse_origins));
  RETURN_IF_ERROR(assign(settings, "allowed-host", &config.allowed_hosts, parse_domains));
  RETURN_IF_ERROR(assign(settings, "trusted-proxy", &config.trusted_proxies, parse_proxies));
  RETURN_IF_ERROR(assign(settings, "fsync", &config.fsync, parse_switch));
  RETURN_IF_ERROR(assign(settings, "compress-answers", &config.compress_answers, parse_compression));
  RETURN_IF_ERROR(assign_times(settings, &config));
  RETURN_IF_ERROR(assign_bill(settings, &config));
  RETURN_IF_ERROR(assign(settings, "s3-cors-any-origin", &config.s3_cors_any_origin, parse_switch));
  RETURN_IF_ERROR(assign(settings, "s3-domain", &config.s3_domains, parse_domains));
  RETURN_IF_ERROR(assign(settings, "s3-webhook", &config.s3_webhook, parse_webhook));
  RETURN_IF_ERROR(assign_buckets(settings, environment, &config));
  RETURN_IF_ERROR(assign(settings, "extensions", &config.extensions, parse_extensions));
  RETURN_IF_ERROR(assign(settings, "threads", &config.threads, parse_threads));
  RETURN_IF_ERROR(assign(settings, "log-level", &config.log_level, parse_log_level));
  RETURN_IF_ERROR(assign(settings, kLogFormat.name, &config.log_format, parse_log_format));
  RETURN_IF_ERROR(settle_storage(settings, &config));
  if (config.console_port.value_or(0) != 0 &&
      (config.console_port == config.port || config.console_port == config.s3_port)) {
    return fail(Error::invalid_argument("--console-port: " + std::to_string(*config.console_port) +
                                        " is taken by another service of this server"));
  }
  return Command(std::move(config));
}

Result<ServerAddress> server_address(const GivenSettings& settings) {
  ServerAddress server;
  RETURN_IF_ERROR(assign(settings, "host", &server.host, parse_host));
  RETURN_IF_ERROR(assign(settings, "port", &server.port, parse_port));
  return server;
}

void add_settings(CLI::App* command, std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    const std::string flag = std::string("--") + setting.name;
    const std::string help = std::string(setting.help) + " [" + variable_of(setting.name) + "]";
    if (setting.value_name == nullptr) {
      command->add_flag(flag, help);
    } else {
      CLI::Option* const option = command->add_option(flag, help)->type_name(setting.value_name);
      setting.is_list ? option->take_all() : option->take_last();
    }
  }
}

// CLI11 takes an empty value for a missing one.
std::vector<std::string> name_the_empty_port(std::vector<std::string> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--s3-port=") {
      arguments[i] += "off";
    } else if (arguments[i].empty() && i > 0 && arguments[i - 1] == "--s3-port") {
      arguments[i] = "off";
    }
  }
  return arguments;
}

// The settings of serve as a table for docs/configuration.md.
std::string reference_in_markdown() {
  std::string text = "| flag | variable | |\n| --- | --- | --- |\n";
  for (const Setting& setting : kServeSettings) {
    std::string help = setting.help;
    for (std::size_t at = help.find('|'); at != std::string::npos; at = help.find('|', at + 2)) {
      help.insert(at, 1, '\\');
    }
    const std::string value = setting.value_name == nullptr ? "" : std::string(" ") + setting.value_name;
    text += "| `--" + std::string(setting.name) + value + "` | `" + variable_of(setting.name) + "` | " +
            help + " |\n";
  }
  return text;
}

// For the help: read_foreign_line() takes them before they come here.
void add_foreign_names(CLI::App* app) {
  app->add_subcommand("dynamodb-local", "Serve as DynamoDB Local, with its options: -port 8000 -inMemory");
  app->add_subcommand("localstack", "Serve as LocalStack, with its variables, on port 4566");
  app->add_subcommand("server", "Serve S3 as MinIO does: server DIR --address :9000");
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// `serve, clock or jobs`
std::string names_of_commands(const CLI::App& app) {
  const std::vector<const CLI::App*> commands = app.get_subcommands([](const CLI::App*) { return true; });
  std::string names;
  for (const CLI::App* command : commands) {
    const bool is_last = command == commands.back();
    names += (names.empty() ? "" : is_last ? " or " : ", ") + command->get_name();
  }
  return names;
}

// `; did you mean --port?`, for the first flag that is none and almost one. Empty: there is none such.
std::string meant_flags(const std::vector<std::string>& arguments, const CLI::App& app) {
  const std::vector<CLI::App*> commands = const_cast<CLI::App&>(app).get_subcommands();
  const CLI::App* const command = commands.empty() ? &app : commands.front();
  std::vector<std::string> known;
  for (const CLI::Option* option : command->get_options()) known.push_back(option->get_name());
  for (const std::string& argument : arguments) {
    const std::string flag = argument.substr(0, argument.find('='));
    if (!flag.starts_with("-") || std::find(known.begin(), known.end(), flag) != known.end()) continue;
    const std::string meant = nearest_name(flag, known, kSlipsMax);
    if (!meant.empty()) return "; did you mean " + meant + "?";
  }
  return {};
}

// Reads the arguments; what there is to print, or to complain about, if it is no command.
std::optional<Result<Command>> parse(const std::vector<std::string>& arguments, CLI::App* app) {
  try {
    std::vector<std::string> last_first = name_the_empty_port(arguments);
    std::reverse(last_first.begin(), last_first.end());
    app->parse(std::move(last_first));
  } catch (const CLI::CallForHelp&) {
    const bool is_of_command = !app->get_subcommands().empty();
    return Result<Command>(
        PrintText{app->help("", is_of_command ? CLI::AppFormatMode::Normal : CLI::AppFormatMode::All)});
  } catch (const CLI::CallForVersion&) {
    return Result<Command>(PrintText{std::string("tidemark ") + kVersion + "\n"});
  } catch (const CLI::RequiredError& error) {
    if (!app->get_subcommands().empty())
      return Result<Command>(fail(Error::invalid_argument(one_line(error.what()))));
    const bool has_word = !arguments.empty() && !arguments.front().starts_with('-');
    const std::string problem =
        has_word ? "'" + arguments.front() + "' is not a command" : std::string("a command is missing");
    return Result<Command>(
        fail(Error::invalid_argument(problem + ": " + names_of_commands(*app) + " (see tidemark --help)")));
  } catch (const CLI::ExtrasError& error) {
    return Result<Command>(
        fail(Error::invalid_argument(one_line(error.what()) + meant_flags(arguments, *app))));
  } catch (const CLI::ParseError& error) {
    return Result<Command>(fail(Error::invalid_argument(one_line(error.what()))));
  }
  return std::nullopt;
}

}  // namespace

Result<Command> parse_command_line(const std::vector<std::string>& arguments, const Environment& environment,
                                   unsigned hardware_threads) {
  if (const auto line = read_foreign_line(arguments, environment, kVersion)) {
    RETURN_IF_ERROR(*line);
    if (const auto* text = std::get_if<std::string>(&**line)) return Command(PrintText{*text});
    const auto& start = std::get<ForeignStart>(**line);
    ASSIGN_OR_RETURN(Command command, parse_command_line(start.arguments, environment, hardware_threads));
    std::get<ServeConfig>(command).loads_eagerly = start.loads_eagerly;
    return command;
  }
  CLI::App app(
      "Tidemark: DynamoDB on your own machine, with exports, imports, time travel and an S3 beside it.",
      "tidemark");
  app.set_version_flag("--version", std::string("tidemark ") + kVersion, "Print the version and exit");
  app.footer(kFooter);
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "Serve until SIGTERM or SIGINT");
  add_settings(serve, kServeSettings);
  serve->add_flag("--help-markdown")->description("Print the table of docs/configuration.md and exit");
  add_foreign_names(&app);
  AskingCommands asking(&app, [](CLI::App* command) { add_settings(command, kServerSettings); });
  std::string list_form = "text";
  CLI::App* operations = app.add_subcommand("operations", "List the operations of DynamoDB that there are");
  operations->add_option("--form", list_form, "text, json or markdown")
      ->check(CLI::IsMember({"text", "json", "markdown"}));
  if (auto other = parse(arguments, &app)) return *std::move(other);
  if (operations->parsed()) {
    if (list_form == "json") return Command(PrintText{api::operation_list_json()});
    if (list_form == "markdown") return Command(PrintText{api::operation_list_markdown()});
    return Command(PrintText{api::operation_list_text()});
  }
  if (serve->parsed()) {
    if (serve->get_option("--help-markdown")->count() > 0) return Command(PrintText{reference_in_markdown()});
    ASSIGN_OR_RETURN(const GivenSettings settings, gather(*serve, kServeSettings, environment));
    return serve_command(settings, environment, hardware_threads);
  }
  ASSIGN_OR_RETURN(const GivenSettings settings,
                   gather(*app.get_subcommands().front(), kServerSettings, environment));
  ASSIGN_OR_RETURN(ServerAddress server, server_address(settings));
  return asking.given(std::move(server), environment);
}

log::Format asked_log_format(const std::vector<std::string>& arguments, const Environment& environment) {
  constexpr Setting kAsked[] = {kLogFormat, kConfig};
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  add_settings(&app, kAsked);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError&) {
    return log::Format::kText;
  }
  GivenSettings settings = gather_without_file(app, kAsked, environment);
  // What is wrong with the file is for others to say.
  (void)add_named_file(kAsked, &settings);
  const auto given = settings.find(kLogFormat.name);
  if (given == settings.end()) return log::Format::kText;
  return parse_log_format(given->second).value_or(log::Format::kText);
}

std::vector<std::string> setting_variables() {
  std::vector<std::string> names;
  for (const Setting& setting : kServeSettings) names.push_back(variable_of(setting.name));
  for (const Setting& setting : kServerSettings) names.push_back(variable_of(setting.name));
  names.emplace_back("TIDEMARK_MASK_KEY");  // of `load`
  return names;
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

}  // namespace tidemark::server

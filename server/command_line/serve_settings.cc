#include "server/command_line/serve_settings.h"

#include <iterator>

#include "server/command_line/serve_values.h"
#include "server/command_line/sources.h"
#include "server/command_line/values.h"

namespace tidemark::server {
namespace {

// What becomes of a value: it goes into the configuration as it is, or it is a wish that serve_rules settles.
template <auto parse, auto... path>
constexpr auto kValue = put_value<ServeWishes, parse, &ServeWishes::config, path...>;
template <auto parse, auto... path>
constexpr auto kWish = put_value<ServeWishes, parse, path...>;

// In the order of the help and of docs/configuration.md. What an option is, is here and nowhere else: its
// name, its help with the default, how its value is read and where it goes.
constexpr SettingRow<ServeWishes> kRows[] = {
    {{"host", "ADDRESS", "Address or name to listen on (default 127.0.0.1)"},
     kValue<parse_host, &ServeConfig::host>},
    {{"port", "PORT", "Port of DynamoDB, with S3 beside it; 0 picks a free one (default 8000)"},
     kValue<parse_port, &ServeConfig::port>},
    {{"s3-port", "PORT", "Port of S3 alone; 0 picks a free one, `off`: none (default 9000, if free)"},
     kValue<parse_optional_port, &ServeConfig::s3_port>},
    {{"console-port", "PORT",
      "A port on which / is the console, beside all services; 0 picks a free one (default: none; the console "
      "is at /_tidemark/console/ of the others)"},
     kValue<parse_optional_port, &ServeConfig::console_port>},
    {{"personality", "NAME",
      "What the first port looks like to programs that wait for another server: tidemark, dynamodb-local, "
      "localstack, minio or service; with it, the line that they wait for is printed (default: what is usual "
      "at the port, 8000 as DynamoDB Local, 4566 as LocalStack, 9000 as MinIO)"},
     kValue<parse_personality, &ServeConfig::personality>},
    {{"listen", "PORT[=NAME]",
      "One more port, with everything that the first one has, and the personality of that name; may be given "
      "several times",
      true},
     kValue<parse_listeners, &ServeConfig::listeners>},
    {{"data-dir", "DIR", "Where the data is kept; created when missing (default ./tidemark-data)"},
     kValue<parse_directory, &ServeConfig::data_directory>},
    {{"in-memory", nullptr, "Keep the data in a private temporary directory that is removed at the end"},
     kValue<parse_switch, &ServeConfig::in_memory>},
    {{"seed", "DIR",
      "Make the tables and items that DIR has, before the first request: templates of CloudFormation and "
      "SAM, requests of CreateTable, JSON lines, CSV, exports; tables that are there are left as they are"},
     kValue<parse_directory, &ServeConfig::seed>},
    {{"region", "REGION", "Region of callers whose credentials name none (default us-east-1)"},
     kValue<parse_region, &ServeConfig::region>},
    {{"account-id", "ID", "Account of callers, twelve digits (default 000000000000)"},
     kValue<parse_account_id, &ServeConfig::account_id>},
    {{"spaces", "BY",
      "Whose tables callers see, without --auth strict: account, those of their account and Region; key, "
      "those of their access key and Region; one, all the same (default account)"},
     kValue<parse_spaces, &ServeConfig::spaces>},
    {{"auth", "MODE", "open: any credentials will do; strict: verify signatures (default open)"},
     kValue<parse_auth, &ServeConfig::strict_auth>},
    {{"credentials", "FILE", "Keys and accounts, as in ~/.aws/credentials; needed by --auth strict"},
     kValue<parse_file, &ServeConfig::credentials_file>},
    {{"auth-skew-seconds", "N",
      "How far a signature's time may be from ours; 0: any time will do (default 900)"},
     kValue<parse_skew, &ServeConfig::auth_skew_seconds>},
    {{"account-per-key", nullptr,
      "Without --auth strict: every access key is an account of its own, with tables and buckets of its own"},
     kValue<parse_switch, &ServeConfig::account_per_key>},
    {{"account-tables-max", "N", "How many tables an account may have; 0: any number (default 0)"},
     kValue<parse_table_count, &ServeConfig::account_limits, &api::AccountLimits::tables_max>},
    {{"account-bytes-max", "SIZE",
      "How much the tables of an account may hold, in bytes or as 500K, 100M or 2G; 0: any (default 0)"},
     kValue<parse_size, &ServeConfig::account_limits, &api::AccountLimits::bytes_max>},
    {{"tls-cert", "FILE",
      "Speak HTTPS on all ports, with this certificate and its chain in PEM; needs --tls-key"},
     kValue<parse_file, &ServeConfig::tls_cert>},
    {{"tls-key", "FILE", "The private key of --tls-cert in PEM"}, kValue<parse_file, &ServeConfig::tls_key>},
    {{"tls-self-signed", nullptr,
      "Speak HTTPS with a certificate of our own, kept in the data directory, as is authority.pem for "
      "clients to trust"},
     kValue<parse_switch, &ServeConfig::tls_self_signed>},
    {{"tls-name", "NAMES",
      "Names and addresses in that certificate, split by commas (default: localhost, 127.0.0.1, ::1 and the "
      "host's name)"},
     kValue<parse_names, &ServeConfig::tls_names>},
    {{"tls-ca-file", "FILE", "Also put what clients are to trust there"},
     kValue<parse_file, &ServeConfig::tls_ca_file>},
    {{"tls-also-plain", nullptr,
      "Let everybody use the same ports without TLS, too; otherwise only callers on this machine may"},
     kValue<parse_switch, &ServeConfig::tls_also_plain>},
    {{"cors-allow", "ORIGINS",
      "Web pages that may use the server, split by commas, beside those of this machine: http://app.lan; "
      "`*`: all"},
     kValue<parse_origins, &ServeConfig::cors_origins>},
    {{"allowed-host", "NAMES",
      "Names by which browsers may call the server, split by commas, beside local ones"},
     kValue<parse_domains, &ServeConfig::allowed_hosts>},
    {{"trusted-proxy", "ADDRESSES",
      "Proxies whose X-Forwarded-Proto is believed, split by commas: 10.0.0.0/8"},
     kValue<parse_proxies, &ServeConfig::trusted_proxies>},
    {{"error-wording", "WORDING",
      "How refused requests are worded: current, as most AWS Regions do since 2026, or classic, as all did "
      "before (default current)"},
     kValue<parse_error_wording, &ServeConfig::error_wording>},
    {{"fsync", nullptr, "Acknowledge a write only when it would survive a power loss"},
     kValue<parse_switch, &ServeConfig::fsync>},
    {{"compress-answers", "WHOM",
      "never, remote or always: whose DynamoDB answers over 4 KB are compressed, if they accept it; within "
      "one machine that takes longer than sending (default remote)"},
     kValue<parse_compression, &ServeConfig::compress_answers>},
    {{"delay-transient-statuses", nullptr,
      "Let tables and indexes be CREATING, UPDATING and DELETING about as long as on AWS: up to a minute, "
      "and time to live ENABLING and DISABLING for an hour"},
     kValue<parse_switch, &ServeConfig::delay_transient_statuses>},
    {{"ttl-lag", "DURATION",
      "How long after its time to live an item is deleted, ISO 8601: PT48H as AWS may take (default PT2S)"},
     kValue<parse_duration, &ServeConfig::ttl_lag>},
    {{"replica-lag", "DURATION",
      "How long after a write the replicas of a global table in other regions show it, unless they are "
      "strongly consistent, ISO 8601: PT1S as about on AWS; at most PT1H (default PT0S)"},
     kValue<parse_duration, &ServeConfig::replica_lag>},
    {{"pitr-lag", "DURATION",
      "How far behind now the latest moment is that a table can be restored to, ISO 8601: PT5M as on AWS "
      "(default PT0S)"},
     kValue<parse_duration, &ServeConfig::pitr_lag>},
    {{"export-duration", "DURATION",
      "How long an export is IN_PROGRESS at least, by the service's clock, ISO 8601 (default PT0S)"},
     kValue<parse_duration, &ServeConfig::export_duration>},
    {{"import-duration", "DURATION",
      "The same for imports, whose table is CREATING meanwhile (default PT0S)"},
     kValue<parse_duration, &ServeConfig::import_duration>},
    {{"restore-duration", "DURATION",
      "The same for restores, whose table is CREATING meanwhile: PT4M as about on AWS (default PT0S)"},
     kValue<parse_duration, &ServeConfig::restore_duration>},
    {{"realistic", nullptr,
      "Take about the times that AWS takes, where they are not given: --pitr-lag PT5M, --ttl-lag PT48H, "
      "--replica-lag PT1S, --export-duration PT5M, --import-duration PT3M, --restore-duration PT4M and "
      "--delay-transient-statuses"},
     kWish<parse_switch, &ServeWishes::realistic>},
    {{"bill-limit", "USD",
      "Exit with 1 at the end, and the five dearest lines, if AWS would have charged more than that since "
      "the start"},
     kValue<parse_usd, &ServeConfig::bill_limit_usd>},
    {{"bill-prices", "FILE",
      "The prices of bills, YAML or JSON (default: list prices of us-east-1, see docs/bill.md)"},
     kValue<load_prices, &ServeConfig::bill_prices>},
    {{"s3-cors-any-origin", nullptr, "Let every web page use S3, whatever the CORS rules of a bucket say"},
     kValue<parse_switch, &ServeConfig::s3_cors_any_origin>},
    {{"s3-domain", "NAMES", "Names below which buckets are hosts, split by commas, beside localhost: s3.lan"},
     kValue<parse_domains, &ServeConfig::s3_domains>},
    {{"s3-webhook", "URL",
      "Post S3's event records to this http:// address whenever an object is created, removed or tagged"},
     kValue<parse_webhook, &ServeConfig::s3_webhook>},
    {{"s3-endpoint", "URL",
      "The S3 service that exports write to and imports read from, http:// or https://; this server's own S3 "
      "is then without them (default: this server)"},
     kWish<parse_endpoint, &ServeWishes::s3_endpoint>},
    {{"bucket", "NAME=URL",
      "The same for single buckets, split by commas: lake=https://s3.lan,in=http://10.0.0.7:9000"},
     kWish<parse_buckets, &ServeWishes::buckets>},
    {{"s3-endpoint-region", "REGION", "The region of that service (default: that of --region)"},
     kWish<parse_region, &ServeWishes::foreign_region>},
    {{"s3-endpoint-credentials", "FILE",
      "Our keys there, as in ~/.aws/credentials (default: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
      "AWS_SESSION_TOKEN)"},
     kWish<parse_anything, &ServeWishes::foreign_credentials>},
    {{"s3-endpoint-profile", "NAME", "The profile in that file (default: the first)"},
     kWish<parse_anything, &ServeWishes::foreign_profile>},
    {{"s3-endpoint-style", "STYLE",
      "path: http://host/bucket/key; host: http://bucket.host/key (default path)"},
     kWish<parse_bucket_style, &ServeWishes::foreign, &S3Endpoint::style>},
    {{"s3-endpoint-ca", "FILE", "Authorities in PEM that https:// trusts there, instead of the system's"},
     kWish<parse_file, &ServeWishes::foreign, &S3Endpoint::ca_file>},
    {{"extensions", "NAMES", "What DynamoDB cannot do: csv-export, ExportFormat may be CSV (default none)"},
     kValue<parse_extensions, &ServeConfig::extensions>},
    {{"s3-endpoint-patience", "DURATION",
      "How long nothing may happen at that service before it is asked again, ISO 8601 (default PT30S)"},
     kWish<parse_patience, &ServeWishes::foreign, &S3Endpoint::patience>},
    {{"threads", "N",
      "Network threads, 1 to 64, and as many for newcomers (default: one a processor, 8 at most)"},
     kValue<parse_threads, &ServeConfig::threads>},
    {{"log-level", "LEVEL",
      "debug (a line for each request), info, warn, error or off, to standard error (default info)"},
     kValue<parse_log_level, &ServeConfig::log_level>},
    {kLogFormatSetting, kValue<parse_log_format, &ServeConfig::log_format>},
    {kConfigSetting, nullptr},
};

}  // namespace

std::span<const SettingRow<ServeWishes>> serve_rows() { return kRows; }

std::string serve_reference_markdown() {
  std::string text = "| flag | variable | |\n| --- | --- | --- |\n";
  for (const SettingRow<ServeWishes>& row : kRows) {
    const Setting& setting = row.setting;
    std::string help = setting.help;
    for (std::size_t at = help.find('|'); at != std::string::npos; at = help.find('|', at + 2)) {
      help.insert(at, 1, '\\');
    }
    const std::string value = setting.value_name == nullptr ? "" : std::string(" ") + setting.value_name;
    text.append("| `--").append(setting.name).append(value).append("` | `").append(variable_of(setting.name));
    text.append("` | ").append(help).append(" |\n");
  }
  return text;
}

}  // namespace tidemark::server

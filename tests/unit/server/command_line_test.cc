#include "server/command_line/command_line.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

using VariableMap = std::map<std::string, std::string>;

Environment environment_of(VariableMap variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

// A file that is gone when the test is over.
struct ConfigFile {
  explicit ConfigFile(const std::string& text)
      : path(std::filesystem::temp_directory_path() / ("tidemark-config-" + std::to_string(::getpid()))) {
    std::ofstream(path) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path); }
  std::string path;
};

ServeConfig serve(std::vector<std::string> flags, VariableMap variables = {}) {
  flags.insert(flags.begin(), "serve");
  const auto command = parse_command_line(flags, environment_of(std::move(variables)), 2);
  INFO((command ? "" : command.error().message));
  REQUIRE(command.has_value());
  return std::get<ServeConfig>(*command);
}

std::string error_of(const std::vector<std::string>& arguments, VariableMap variables = {}) {
  const auto command = parse_command_line(arguments, environment_of(std::move(variables)), 2);
  return command ? "no error" : command.error().message;
}

TEST_CASE("serve without anything has defaults") {
  const ServeConfig config = serve({});
  CHECK(config.host == "127.0.0.1");
  CHECK(config.port == 8000);
  CHECK(config.s3_port == 9000);
  CHECK(config.data_directory == "./tidemark-data");
  CHECK_FALSE(config.in_memory);
  CHECK(config.region == "us-east-1");
  CHECK(config.account_id == "000000000000");
  CHECK_FALSE(config.strict_auth);
  CHECK(config.credentials_file.empty());
  CHECK(config.auth_skew_seconds == 900);
  CHECK(config.error_wording == model::Wording::kCurrent);
  CHECK_FALSE(config.fsync);
  CHECK(config.threads == 2);
  CHECK(config.log_level == log::Level::kInfo);
  CHECK(config.log_format == log::Format::kText);
}

TEST_CASE("how closely signatures are looked at") {
  CHECK_FALSE(serve({"--credentials", "keys"}).strict_auth);
  const ServeConfig config = serve({"--auth", "strict", "--auth-skew-seconds=0"},
                                   {{"TIDEMARK_CREDENTIALS", "/etc/tidemark/credentials"}});
  CHECK(config.strict_auth);
  CHECK(config.credentials_file == "/etc/tidemark/credentials");
  CHECK(config.auth_skew_seconds == 0);
  CHECK(error_of({"serve", "--auth", "strict"}) ==
        "--auth: strict needs to know who may call: --credentials FILE");
  CHECK(error_of({"serve"}, {{"TIDEMARK_AUTH", "strict"}}) ==
        "TIDEMARK_AUTH: strict needs to know who may call: --credentials FILE");
  CHECK(error_of({"serve", "--auth", "paranoid"}) == "--auth: 'paranoid' is not open or strict");
  CHECK(error_of({"serve", "--auth-skew-seconds", "-1"}) ==
        "--auth-skew-seconds: '-1' is not a number of seconds (0 to 1000000000)");
}

TEST_CASE("how refused requests are worded") {
  CHECK(serve({"--error-wording", "classic"}).error_wording == model::Wording::kClassic);
  CHECK(serve({}, {{"TIDEMARK_ERROR_WORDING", "classic"}}).error_wording == model::Wording::kClassic);
  CHECK(error_of({"serve", "--error-wording", "old"}) == "--error-wording: 'old' is not current or classic");
}

TEST_CASE("every setting can come from a flag, a variable or the file") {
  const auto check = [](const char* origin, const ServeConfig& config) {
    INFO(origin);
    CHECK(config.host == "0.0.0.0");
    CHECK(config.port == 1234);
    CHECK(config.s3_port == 2345);
    CHECK(config.data_directory == "/data");
    CHECK(config.region == "eu-west-1");
    CHECK(config.account_id == "123456789012");
    CHECK(config.fsync);
    CHECK(config.threads == 3);
    CHECK(config.log_level == log::Level::kWarn);
  };
  check("flags", serve({"--host", "0.0.0.0", "--port", "1234", "--s3-port=2345", "--data-dir", "/data",
                        "--region", "eu-west-1", "--account-id", "123456789012", "--fsync", "--threads", "3",
                        "--log-level", "warn"}));
  check("variables", serve({}, {{"TIDEMARK_HOST", "0.0.0.0"},
                                {"TIDEMARK_PORT", "1234"},
                                {"TIDEMARK_S3_PORT", "2345"},
                                {"TIDEMARK_DATA_DIR", "/data"},
                                {"TIDEMARK_REGION", "eu-west-1"},
                                {"TIDEMARK_ACCOUNT_ID", "123456789012"},
                                {"TIDEMARK_FSYNC", "true"},
                                {"TIDEMARK_THREADS", "3"},
                                {"TIDEMARK_LOG_LEVEL", "warn"}}));
  const std::string text =
      "# how we run it\nhost = \"0.0.0.0\"\nport = 1234\ns3_port = 2345\ndata-dir = \"/data\"\n"
      "region = \"eu-west-1\"\naccount-id = \"123456789012\"\nfsync = true\nthreads = 3\nlog-level = "
      "\"warn\"\n";
  const bool has_section = GENERATE(false, true);
  const ConfigFile file((has_section ? "[serve]\n" : "") + text);
  CAPTURE(has_section);
  check("file", serve({"--config", file.path}));
  check("file named by a variable", serve({}, {{"TIDEMARK_CONFIG", file.path}}));
}

TEST_CASE("the webhook is an address") {
  CHECK(!serve({}).s3_webhook);
  CHECK(serve({"--s3-webhook", "http://localhost:81/x"}).s3_webhook->port == 81);
  CHECK(error_of({"serve"}, {{"TIDEMARK_S3_WEBHOOK", "https://localhost"}}) ==
        "TIDEMARK_S3_WEBHOOK: 'https://localhost' is not a URL that begins with http://");
}

TEST_CASE("buckets may be elsewhere") {
  const VariableMap keys = {{"AWS_ACCESS_KEY_ID", "KEY"}, {"AWS_SECRET_ACCESS_KEY", "secret"}};
  CHECK(!serve({}, keys).bucket_places.others);
  const ServeConfig all = serve({"--s3-endpoint", "https://[::1]:7480/s3/", "--region", "eu-west-1"}, keys);
  REQUIRE(all.bucket_places.others);
  CHECK(all.bucket_places.others->address.is_tls);
  CHECK(all.bucket_places.others->address.host_field() == "[::1]:7480");
  CHECK(all.bucket_places.others->address.path == "/s3");
  CHECK(all.bucket_places.others->identity.access_key == "KEY");
  CHECK(all.bucket_places.others->identity.region == "eu-west-1");
  const ServeConfig some = serve({"--bucket", "lake=http://s3.lan,in=https://10.0.0.7", "--s3-endpoint-style",
                                  "host", "--s3-endpoint-region", "home"},
                                 keys);
  CHECK(!some.bucket_places.others);
  REQUIRE(some.bucket_places.named.size() == 2);
  CHECK(some.bucket_places.named.at("lake").address.host_field() == "s3.lan");
  CHECK(some.bucket_places.named.at("in").address.port == 443);
  CHECK(some.bucket_places.named.at("in").style == BucketStyle::kHost);
  CHECK(some.bucket_places.named.at("in").identity.region == "home");
}

TEST_CASE("names below which buckets are hosts") {
  CHECK(serve({}).s3_domains.empty());
  CHECK(serve({"--s3-domain", "S3.lan,minio"}).s3_domains == std::vector<std::string>{"s3.lan", "minio"});
  CHECK(serve({}, {{"TIDEMARK_S3_DOMAIN", "s3.lan"}}).s3_domains == std::vector<std::string>{"s3.lan"});
  for (const char* const bad : {"s3 lan", ".lan", "a,,b", "http://lan", "lan:9000"}) {
    CHECK(error_of({"serve", "--s3-domain", bad}) ==
          "--s3-domain: '" + std::string(bad) + "' is not a list of domain names");
  }
}

TEST_CASE("a flag beats a variable, a variable the file") {
  const ConfigFile file("port = 1\nregion = \"file\"\naccount-id = \"000000000001\"\n");
  const ServeConfig config = serve({"--config", file.path, "--port", "3"},
                                   {{"TIDEMARK_PORT", "2"}, {"TIDEMARK_REGION", "variable"}});
  CHECK(config.port == 3);
  CHECK(config.region == "variable");
  CHECK(config.account_id == "000000000001");
}

TEST_CASE("the S3 listener can be left out") {
  CHECK(serve({"--s3-port", "off"}).s3_port == std::nullopt);
  CHECK(serve({"--s3-port="}).s3_port == std::nullopt);
  CHECK(serve({"--s3-port", ""}).s3_port == std::nullopt);
  CHECK(serve({}, {{"TIDEMARK_S3_PORT", "off"}}).s3_port == std::nullopt);
  CHECK(serve({}, {{"TIDEMARK_S3_PORT", ""}}).s3_port == 9000);
  CHECK(serve({}).console_port == std::nullopt);
  CHECK(serve({"--console-port", "9001"}).console_port == 9001);
  CHECK(serve({"--console-port", "0", "--port", "0"}).console_port == 0);
  // S3's own port gives way to who is there by name.
  CHECK(serve({"--console-port", "9000"}).console_port == 9000);
  CHECK(serve({"--console-port", "9000"}).s3_port == std::nullopt);
  CHECK(serve({"--port", "0", "--s3-port", "0"}).s3_port == 0);
}

TEST_CASE("the stronger of --data-dir and --in-memory wins") {
  CHECK(serve({"--in-memory"}).in_memory);
  CHECK(serve({"--in-memory"}, {{"TIDEMARK_DATA_DIR", "/data"}}).in_memory);
  CHECK_FALSE(serve({"--data-dir", "/d"}, {{"TIDEMARK_IN_MEMORY", "1"}}).in_memory);
  CHECK_FALSE(serve({"--in-memory=false"}, {{"TIDEMARK_IN_MEMORY", "1"}}).in_memory);
  CHECK(error_of({"serve", "--in-memory", "--data-dir", "/d"}) ==
        "--in-memory and --data-dir exclude each other");
}

TEST_CASE("by default there is a thread for each processor, within reason") {
  const auto threads_of = [](unsigned processors) {
    return std::get<ServeConfig>(*parse_command_line({"serve"}, environment_of({}), processors)).threads;
  };
  CHECK(threads_of(0) == 1);
  CHECK(threads_of(4) == 4);
  CHECK(threads_of(64) == 8);
}

TEST_CASE("what is wrong is said in one line that names the place") {
  struct Case {
    std::vector<std::string> arguments;
    VariableMap variables;
    std::string message;
  };
  const auto c = GENERATE(values<Case>({
      {{"serve", "--port", "abc"}, {}, "--port: 'abc' is not a port (0 to 65535)"},
      {{"serve", "--port", "65536"}, {}, "--port: '65536' is not a port (0 to 65535)"},
      {{"serve", "--port=-1"}, {}, "--port: '-1' is not a port (0 to 65535)"},
      {{"serve"}, {{"TIDEMARK_PORT", "80 "}}, "TIDEMARK_PORT: '80 ' is not a port (0 to 65535)"},
      {{"serve", "--threads", "0"}, {}, "--threads: '0' is not a number of threads (1 to 64)"},
      {{"serve", "--account-id", "12"}, {}, "--account-id: '12' is not an account id (twelve digits)"},
      {{"serve", "--region", "EU west"}, {}, "--region: 'EU west' is not a region"},
      {{"serve", "--log-level", "loud"},
       {},
       "--log-level: 'loud' is not a log level (debug, info, warn, error, off)"},
      {{"serve", "--log-format", "xml"}, {}, "--log-format: 'xml' is not a log format (text, json)"},
      {{"serve"}, {{"TIDEMARK_FSYNC", "perhaps"}}, "TIDEMARK_FSYNC: 'perhaps' is not true or false"},
      {{"serve", "--data-dir", ""}, {}, "--data-dir: '' is not a directory"},
      {{"serve", "--data-dir", "a", "--data-dir", "b"}, {}, "--data-dir is given more than once"},
      {{"serve", "--port=1", "--fsync", "--port", "1"}, {}, "--port is given more than once"},
      {{"serve", "--fsync", "--fsync=false"}, {}, "--fsync is given more than once"},
      {{"healthcheck", "--port", "1", "--port", "2"}, {}, "--port is given more than once"},
      {{"serve", "--port", "9000", "--s3-port", "9000"},
       {},
       "--s3-port: 9000 is the port of DynamoDB already, where S3 answers, too; `off` will do"},
      {{"serve", "--account-per-key", "--spaces", "key"},
       {},
       "--spaces: with --account-per-key tables are those of the key's account"},
      {{"serve", "--console-port", "8000"},
       {},
       "--console-port: 8000 is taken by another service of this server"},
      {{"serve", "--listen", "8001,4566", "--console-port", "4566"},
       {},
       "--console-port: 4566 is taken by another service of this server"},
      {{"serve", "--s3-port", "9001", "--console-port", "9001"},
       {},
       "--console-port: 9001 is taken by another service of this server"},
      {{"serve", "--config", "/no/such/file"}, {}, "--config: cannot read '/no/such/file'"},
  }));
  CHECK(error_of(c.arguments, c.variables) == c.message);
}

TEST_CASE("unknown flags, commands and settings are errors") {
  const std::string commands =
      "serve, dynamodb-local, localstack, server, healthcheck, status, doctor, clock, jobs, tables, as-of, "
      "history, diff, rewind, branch, apply, load, dump, seed, bill, reset, accounts or operations";
  CHECK(error_of({}) == "a command is missing: " + commands + " (see tidemark --help)");
  CHECK(error_of({"servr"}) == "'servr' is not a command: " + commands + " (see tidemark --help)");
  CHECK(error_of({"sing"}) != "no error");
  CHECK(error_of({"serve", "--prot", "1"}).find("--prot") != std::string::npos);
  CHECK(error_of({"serve", "--port"}).find("--port") != std::string::npos);
  const ConfigFile file("prot = 1\n");
  CHECK(error_of({"serve", "--config", file.path}) == file.path + ": unknown setting 'prot'");
}

TEST_CASE("which pages, names and proxies are trusted") {
  using Names = std::vector<std::string>;
  CHECK(serve({}).cors_origins.empty());
  CHECK(serve({"--cors-allow", "http://App.lan,https://b:8443/"}).cors_origins ==
        Names{"http://app.lan", "https://b:8443"});
  CHECK(serve({"--cors-allow", "*"}).cors_origins == Names{"*"});
  CHECK(serve({}, {{"TIDEMARK_CORS_ALLOW", "null"}}).cors_origins == Names{"null"});
  CHECK(serve({"--allowed-host=DB.lan,db.example"}).allowed_hosts == Names{"db.lan", "db.example"});
  CHECK(serve({"--trusted-proxy", "10.0.0.0/8,::1"}).trusted_proxies.size() == 2);
  struct Case {
    const char* flag;
    const char* value;
    const char* wanted;
  };
  const auto c = GENERATE(values<Case>({
      {"--cors-allow", "app.lan", "a list of origins (http://app.lan)"},
      {"--cors-allow", "http://", "a list of origins (http://app.lan)"},
      {"--cors-allow", "http://app.lan/page", "a list of origins (http://app.lan)"},
      {"--cors-allow", "http://a,", "a list of origins (http://app.lan)"},
      {"--allowed-host", "db.lan:8000", "a list of domain names"},
      {"--allowed-host", "*", "a list of domain names"},
      {"--trusted-proxy", "proxy.lan", "a list of addresses (10.0.0.1) or ranges (10.0.0.0/8)"},
      {"--trusted-proxy", "10.0.0.0/33", "a list of addresses (10.0.0.1) or ranges (10.0.0.0/8)"},
  }));
  CHECK(error_of({"serve", c.flag, c.value}) ==
        std::string(c.flag) + ": '" + c.value + "' is not " + c.wanted);
}

TEST_CASE("S3 can be opened to every page") {
  CHECK_FALSE(serve({}).s3_cors_any_origin);
  CHECK(serve({"--s3-cors-any-origin"}).s3_cors_any_origin);
  CHECK(serve({}, {{"TIDEMARK_S3_CORS_ANY_ORIGIN", "true"}}).s3_cors_any_origin);
}

TEST_CASE("the words of the clock command become a request") {
  struct Case {
    std::vector<std::string> words;
    std::string request;
  };
  const auto c = GENERATE(values<Case>({
      {{}, ""},
      {{"show"}, ""},
      {{"advance", "P34D"}, R"({"advance":"P34D"})"},
      {{"set", "2026-01-01T00:00:00Z"}, R"({"set":"2026-01-01T00:00:00Z"})"},
      {{"freeze"}, R"({"freeze":true})"},
      {{"unfreeze"}, R"({"freeze":false})"},
      {{"rate", "0.5"}, R"({"rate":0.5})"},
  }));
  std::vector<std::string> arguments{"clock", "--port", "77"};
  arguments.insert(arguments.end(), c.words.begin(), c.words.end());
  const auto command = parse_command_line(arguments, environment_of({}), 2);
  REQUIRE(command.has_value());
  const auto& clock = std::get<ClockConfig>(*command);
  CHECK(clock.server.port == 77);
  CHECK(clock.request == c.request);
}

TEST_CASE("the words of the jobs command") {
  const auto command = parse_command_line({"jobs", "--port", "77", "--kind", "import", "--status", "FAILED",
                                           "--table", "T", "--limit", "5", "--json"},
                                          environment_of({}), 2);
  REQUIRE(command);
  const auto& list = std::get<JobsConfig>(*command);
  CHECK(list.server.port == 77);
  CHECK(list.id.empty());
  CHECK(list.kind == "import");
  CHECK(list.status == "FAILED");
  CHECK(list.table == "T");
  CHECK(list.limit == "5");
  CHECK(list.json);
  CHECK_FALSE(list.watch);
  const auto one_command =
      parse_command_line({"jobs", "0123-ab", "--watch", "--cancel"}, environment_of({}), 2);
  REQUIRE(one_command);
  const auto& one = std::get<JobsConfig>(*one_command);
  CHECK(one.id == "0123-ab");
  CHECK(one.watch);
  CHECK(one.cancel);
}

TEST_CASE("wrong words of the jobs command") {
  CHECK(error_of({"jobs", "--cancel"}) == "jobs --cancel needs the id of a job");
  CHECK(error_of({"jobs", "1", "--table", "T"}) ==
        "jobs: an id and --kind, --status, --table or --limit exclude each other");
}

TEST_CASE("wrong words of the clock command") {
  CHECK(error_of({"clock", "rewind", "P1D"}) ==
        "clock: 'rewind' is none of show, advance, set, freeze, unfreeze and rate");
  CHECK(error_of({"clock", "advance"}) == "clock advance needs a value");
  CHECK(error_of({"clock", "freeze", "now"}) == "clock freeze takes no value");
  CHECK(error_of({"clock", "rate", "fast"}) == "clock rate: 'fast' is not a number");
}

TEST_CASE("passing states are over at once, unless they are to last") {
  CHECK_FALSE(serve({}).delay_transient_statuses);
  CHECK(serve({"--delay-transient-statuses"}).delay_transient_statuses);
  CHECK(serve({}, {{"TIDEMARK_DELAY_TRANSIENT_STATUSES", "true"}}).delay_transient_statuses);
}

TEST_CASE("how long items outlive their time") {
  CHECK(serve({}).ttl_lag == std::chrono::seconds(2));
  CHECK(serve({"--ttl-lag", "PT48H"}).ttl_lag == std::chrono::hours(48));
  CHECK(serve({}, {{"TIDEMARK_TTL_LAG", "PT0S"}}).ttl_lag == std::chrono::seconds(0));
  CHECK(error_of({"serve", "--ttl-lag", "5"}) == "--ttl-lag: '5' is not a duration like PT10S or P2D");
}

TEST_CASE("how late replicas show what other regions write") {
  CHECK(serve({}).replica_lag == std::chrono::seconds(0));
  CHECK(serve({"--replica-lag", "PT1.5S"}).replica_lag == std::chrono::milliseconds(1'500));
  CHECK(serve({"--replica-lag", "PT1H"}).replica_lag == std::chrono::hours(1));
  CHECK(error_of({"serve", "--replica-lag", "PT61M"}) == "--replica-lag: at most PT1H");
  CHECK(error_of({"serve", "--replica-lag", "1s"}) ==
        "--replica-lag: '1s' is not a duration like PT10S or P2D");
}

TEST_CASE("how far behind restores are") {
  CHECK(serve({}).pitr_lag == std::chrono::seconds(0));
  CHECK(serve({"--pitr-lag", "PT5M"}).pitr_lag == std::chrono::minutes(5));
  CHECK(error_of({"serve", "--pitr-lag", "300"}) == "--pitr-lag: '300' is not a duration like PT10S or P2D");
}

TEST_CASE("one switch gives the times of AWS, and each can be given all the same") {
  CHECK(serve({}).export_duration == std::chrono::seconds(0));
  CHECK(serve({"--export-duration", "PT2M"}).export_duration == std::chrono::minutes(2));
  CHECK(serve({"--import-duration", "PT4M"}).import_duration == std::chrono::minutes(4));
  CHECK(serve({}).restore_duration == std::chrono::seconds(0));
  CHECK(serve({"--restore-duration", "PT3M43S"}).restore_duration == std::chrono::seconds(223));
  const ServeConfig realistic = serve({"--realistic"});
  CHECK(realistic.delay_transient_statuses);
  CHECK(realistic.pitr_lag == std::chrono::minutes(5));
  CHECK(realistic.ttl_lag == std::chrono::hours(48));
  CHECK(realistic.replica_lag == std::chrono::seconds(1));
  CHECK(realistic.export_duration == std::chrono::minutes(5));
  CHECK(realistic.import_duration == std::chrono::minutes(3));
  CHECK(realistic.restore_duration == std::chrono::minutes(4));
  const ServeConfig mixed = serve({"--realistic", "--ttl-lag", "PT1S"}, {{"TIDEMARK_PITR_LAG", "PT0S"}});
  CHECK(mixed.ttl_lag == std::chrono::seconds(1));
  CHECK(mixed.pitr_lag == std::chrono::seconds(0));
  CHECK(mixed.export_duration == std::chrono::minutes(5));
}

TEST_CASE("help names every flag and variable, version the version") {
  const auto text_of = [](const std::vector<std::string>& arguments) {
    return std::get<PrintText>(*parse_command_line(arguments, environment_of({}), 2)).text;
  };
  for (const std::string& help : {text_of({"--help"}), text_of({"serve", "--help"})}) {
    for (const char* name :
         {"--host", "--port", "--s3-port", "--console-port", "--data-dir", "--in-memory", "--region",
          "--account-id", "--fsync", "--threads", "--log-level", "--log-format", "--config",
          "--delay-transient-statuses", "--pitr-lag", "--s3-cors-any-origin", "TIDEMARK_S3_PORT"}) {
      INFO(name);
      CHECK(help.find(name) != std::string::npos);
    }
  }
  CHECK(text_of({"--version"}).starts_with("tidemark "));
}

TEST_CASE("the health check asks the same host and port that serve uses") {
  const auto command = parse_command_line({"healthcheck"}, environment_of({{"TIDEMARK_PORT", "8123"}}), 2);
  REQUIRE(command.has_value());
  CHECK(std::get<HealthcheckConfig>(*command).server.port == 8123);
  const ConfigFile file("port = 77\nregion = \"eu-west-1\"\n");
  const auto configured = parse_command_line({"healthcheck", "--config", file.path}, environment_of({}), 2);
  REQUIRE(configured.has_value());
  CHECK(std::get<HealthcheckConfig>(*configured).server.port == 77);
}

TEST_CASE("the log format is known even when the rest cannot be understood") {
  struct Case {
    std::vector<std::string> arguments;
    VariableMap variables;
    log::Format format;
  };
  const auto c = GENERATE(values<Case>({
      {{}, {}, log::Format::kText},
      {{"serve", "--log-format", "json"}, {}, log::Format::kJson},
      {{"serve", "--port", "abc", "--nonsense", "--log-format=json"}, {}, log::Format::kJson},
      {{"--log-format", "json"}, {}, log::Format::kJson},
      {{"serve", "--help", "--log-format", "json"}, {}, log::Format::kJson},
      {{"serve", "--log-format"}, {}, log::Format::kText},
      {{"serve", "--log-format", "xml"}, {}, log::Format::kText},
      {{"nonsense"}, {{"TIDEMARK_LOG_FORMAT", "json"}}, log::Format::kJson},
      {{"serve", "--log-format", "text"}, {{"TIDEMARK_LOG_FORMAT", "json"}}, log::Format::kText},
      {{"serve", "--config", "/no/such/file"}, {{"TIDEMARK_LOG_FORMAT", "json"}}, log::Format::kJson},
  }));
  CAPTURE(c.arguments, c.variables);
  CHECK(asked_log_format(c.arguments, environment_of(c.variables)) == c.format);
  const ConfigFile file("log-format = json\nport = abc\n");
  CHECK(asked_log_format({"serve", "--config", file.path}, environment_of({})) == log::Format::kJson);
}

template <class Config>
Config asking(const std::vector<std::string>& arguments, VariableMap variables) {
  const auto command = parse_command_line(arguments, environment_of(std::move(variables)), 2);
  INFO((command ? "" : command.error().message));
  REQUIRE(command.has_value());
  return std::get<Config>(*command);
}

TEST_CASE("commands ask the server and the region that AWS' own variables name") {
  const VariableMap both = {{"AWS_ENDPOINT_URL", "http://all:1111"},
                            {"AWS_ENDPOINT_URL_DYNAMODB", "http://own:2222/"},
                            {"AWS_DEFAULT_REGION", "eu-west-1"},
                            {"AWS_REGION", "eu-west-2"}};
  const auto history = asking<PastConfig>({"history", "t", "--key", "{}"}, both);
  CHECK(history.server.host == "own");
  CHECK(history.server.port == 2222);
  CHECK(history.region == "eu-west-2");

  const auto bill = asking<BillConfig>({"bill", "export-or-scan", "t", "--region", "us-west-2"},
                                       {{"AWS_ENDPOINT_URL", "https://[::1]/"}, {"AWS_REGION", "eu-west-2"}});
  CHECK(bill.server.host == "::1");
  CHECK(bill.server.port == 443);
  CHECK(bill.region == "us-west-2");

  const auto rewind =
      asking<RewindConfig>({"rewind", "t", "--to", "1", "--port", "8001"},
                           {{"AWS_ENDPOINT_URL", "http://all:1111"}, {"AWS_DEFAULT_REGION", "eu-west-1"}});
  CHECK(rewind.server.host == "127.0.0.1");
  CHECK(rewind.server.port == 8001);
  CHECK(rewind.region == "eu-west-1");
}

TEST_CASE("what says which server goes before AWS' variables") {
  const VariableMap wanted = {{"AWS_ENDPOINT_URL", "http://all:1111"}, {"TIDEMARK_PORT", "8002"}};
  CHECK(asking<TablesConfig>({"tables"}, wanted).server.port == 8002);
  CHECK(asking<TablesConfig>({"tables"}, wanted).server.host == "127.0.0.1");
  const VariableMap ignored = {{"AWS_ENDPOINT_URL", "http://all:1111"},
                               {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}};
  CHECK(asking<TablesConfig>({"tables"}, ignored).server.port == 8000);
  // The one in the same container, whatever its variables are for.
  CHECK(asking<HealthcheckConfig>({"healthcheck"}, {{"AWS_ENDPOINT_URL", "http://all:1111"}}).server.port ==
        8000);
  CHECK(asking<TablesConfig>({"tables"}, {{"AWS_ENDPOINT_URL", ""}}).server.port == 8000);
  CHECK(error_of({"tables"}, {{"AWS_ENDPOINT_URL", "all:1111"}}) ==
        "AWS_ENDPOINT_URL: 'all:1111' is no URL of a server: --host and --port say which one is meant");
}

}  // namespace
}  // namespace tidemark::server

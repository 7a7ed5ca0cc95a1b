#include "server/personality/personality.h"

#include <map>

#include "server/command_line/command_line.h"
#include "server/personality/foreign_line.h"
#include "server/personality/spaces.h"
#include "tests/support/catch.h"

namespace tidemark::server::test {
namespace {

Environment variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

using Words = std::vector<std::string>;

Words serve_flags(const Words& arguments, std::map<std::string, std::string> values = {}) {
  const auto line = read_foreign_line(arguments, variables(std::move(values)), "1.0");
  REQUIRE(line);
  if (!*line) return {"error", line->error().message};
  return std::get<ForeignStart>(**line).arguments;
}

TEST_CASE("a port that another server usually has looks like it") {
  CHECK(personality_of_port(8000, kTidemarkPersonality).name == "dynamodb-local");
  CHECK(personality_of_port(4566, kTidemarkPersonality).name == "localstack");
  CHECK(personality_of_port(9000, kTidemarkPersonality).name == "minio");
  CHECK(personality_of_port(8080, kTidemarkPersonality).name == "tidemark");
  CHECK(personality_of_port(0, kServicePersonality).name == "service");
}

TEST_CASE("ports beside the first one") {
  const auto parse = [](const Words& arguments) {
    return std::get<ServeConfig>(*parse_command_line(arguments, variables({}), 2));
  };
  const ServeConfig config = parse({"serve", "--listen", "4566", "--listen", "8080=service,9001=minio"});
  REQUIRE(config.listeners.size() == 3);
  CHECK(config.listeners[0].personality->name == "localstack");
  CHECK(config.listeners[1].port == 8080);
  CHECK(config.listeners[1].personality->name == "service");
  CHECK(config.listeners[2].personality->is_s3_alone);
  CHECK(config.s3_port == std::uint16_t{9000});
  // What was asked for goes before what is there by default.
  CHECK(!parse({"serve", "--listen", "9000"}).s3_port);
  CHECK(!parse({"serve", "--port", "9000"}).s3_port);
}

TEST_CASE("the command lines of others become flags of serve") {
  struct Case {
    const char* why;
    Words arguments;
    std::map<std::string, std::string> values;
    Words flags;
  };
  const auto c = GENERATE(values<Case>({
      {"behind a Java",
       {"dynamodb-local", "-Djava.library.path=./x", "-Xmx1g", "-jar", "DynamoDBLocal.jar", "-port", "8001",
        "-inMemory"},
       {},
       {"serve", "--personality", "dynamodb-local", "--spaces", "key", "--port", "8001", "--in-memory",
        "--s3-port", "off"}},
      {"two dashes, values behind =, hosts as origins",
       {"dynamodb-local", "--sharedDb", "--port=8001", "-cors", "app.lan, http://b"},
       {{"TIDEMARK_S3_PORT", "9000"}},
       {"serve", "--personality", "dynamodb-local", "--spaces", "one", "--port", "8001", "--cors-allow",
        "http://app.lan,https://app.lan,http://b"}},
      {"nothing said",
       {"localstack"},
       {},
       {"serve", "--personality", "localstack", "--port", "4566", "--s3-port", "off", "--in-memory"}},
      {"older variables, and data that stays",
       {"localstack"},
       {{"EDGE_PORT", "4567"}, {"EDGE_BIND_HOST", "0.0.0.0"}, {"PERSISTENCE", "1"}, {"LS_LOG", "warn"}},
       {"serve", "--personality", "localstack", "--port", "4567", "--host", "0.0.0.0", "--s3-port", "off",
        "--data-dir", "/var/lib/localstack/tidemark", "--log-level", "warn"}},
      {"what Kubernetes sets for services called edge and tidemark-s3",
       {"localstack"},
       {{"EDGE_PORT", "tcp://10.0.0.1:4566"},
        {"LOCALSTACK_EDGE_PORT", "tcp://10.0.0.1:4566"},
        {"TIDEMARK_S3_PORT", "tcp://10.0.0.2:9000"}},
       {"serve", "--personality", "localstack", "--port", "4566", "--s3-port", "off", "--in-memory"}},
      {"a service's variable, and a port of one's own",
       {"localstack"},
       {{"LOCALSTACK_EDGE_PORT", "tcp://10.0.0.1:4566"}, {"EDGE_PORT", "4567"}},
       {"serve", "--personality", "localstack", "--port", "4567", "--s3-port", "off", "--in-memory"}},
      {"the prefixed variable, and Tidemark's own, go before",
       {"localstack"},
       {{"DEFAULT_REGION", "a"}, {"LOCALSTACK_DEFAULT_REGION", "b"}, {"TIDEMARK_DATA_DIR", "/data"}},
       {"serve", "--personality", "localstack", "--port", "4566", "--s3-port", "off", "--region", "b"}},
      {"an address of version 6",
       {"server", "/d", "--address", "[::1]:9010", "--console-address", ":9001", "--quiet"},
       {{"MINIO_REGION", "eu-west-1"}, {"MINIO_DOMAIN", "s3.lan"}},
       {"serve", "--personality", "minio", "--s3-port", "off", "--data-dir", "/d/tidemark-data", "--port",
        "9010", "--host", "::1", "--region", "eu-west-1", "--s3-domain", "s3.lan"}},
      {"everything from variables",
       {"server"},
       {{"MINIO_VOLUMES", "/d"}, {"MINIO_ADDRESS", ":9011"}},
       {"serve", "--personality", "minio", "--s3-port", "off", "--data-dir", "/d/tidemark-data", "--port",
        "9011"}},
  }));
  INFO(c.why);
  CHECK(serve_flags(c.arguments, c.values) == c.flags);
}

TEST_CASE("a Java that is to run DynamoDB Local, and one that is not") {
  CHECK(own_arguments("/usr/bin/java", {"-jar", "DynamoDBLocal.jar"}) ==
        Words{"dynamodb-local", "-jar", "DynamoDBLocal.jar"});
  CHECK(own_arguments("/usr/bin/java", {"-version"}) == Words{"-version"});
  CHECK(own_arguments("/usr/bin/tidemark", {"load", "DynamoDBLocal.jar"}) ==
        Words{"load", "DynamoDBLocal.jar"});
  CHECK(!read_foreign_line({"serve"}, variables({}), "1.0"));
  CHECK(!read_foreign_line({}, variables({}), "1.0"));
}

TEST_CASE("an access key has an account of twelve digits, its own if it is one") {
  CHECK(account_of_key("123456789012") == "123456789012");
  CHECK(account_of_key("fakeKey").size() == 12);
  CHECK(account_of_key("fakeKey").find_first_not_of("0123456789") == std::string::npos);
  CHECK(account_of_key("fakeKey") == account_of_key("fakeKey"));
  CHECK(account_of_key("fakeKey") != account_of_key("fakekey"));
}

}  // namespace
}  // namespace tidemark::server::test

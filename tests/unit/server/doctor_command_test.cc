#include "server/commands/doctor_command.h"

#include <map>

#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

Variable variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

Finding about(const std::vector<Finding>& findings, const std::string& subject) {
  for (const Finding& finding : findings) {
    if (finding.subject == subject) return finding;
  }
  return {.health = Health::kGood, .subject = {}, .text = "not mentioned"};
}

const std::map<std::string, std::string> kGood = {{"AWS_ACCESS_KEY_ID", "test"},
                                                  {"AWS_SECRET_ACCESS_KEY", "test"},
                                                  {"AWS_REGION", "us-east-1"},
                                                  {"AWS_ENDPOINT_URL", "http://localhost:8000"}};

TEST_CASE("an environment in which everything is set is good") {
  for (const Finding& finding : judge_environment(variables(kGood), {}, false)) {
    INFO(finding.subject << ": " << finding.text);
    CHECK(finding.health == Health::kGood);
    CHECK(finding.fix.empty());
  }
}

TEST_CASE("what is missing or wrong in the environment is named with what to do") {
  struct Case {
    const char* why;
    std::map<std::string, std::string> changed;  // an empty value: not set
    std::string subject;
    Health health;
    std::string fix;
  };
  const auto c = GENERATE(values<Case>({
      {"no keys",
       {{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}},
       "credentials",
       Health::kBad,
       "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"},
      {"half a key",
       {{"AWS_SECRET_ACCESS_KEY", ""}},
       "credentials",
       Health::kBad,
       "set both; any will do without --auth strict: AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"},
      {"no region",
       {{"AWS_REGION", ""}},
       "region",
       Health::kDoubtful,
       "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"},
      {"two regions",
       {{"AWS_DEFAULT_REGION", "eu-west-1"}},
       "region",
       Health::kDoubtful,
       "set both to the same"},
      {"no endpoint",
       {{"AWS_ENDPOINT_URL", ""}},
       "endpoint",
       Health::kDoubtful,
       "export AWS_ENDPOINT_URL=http://127.0.0.1:8000"},
      {"another port",
       {{"AWS_ENDPOINT_URL", "http://localhost:8001"}},
       "endpoint",
       Health::kDoubtful,
       "export AWS_ENDPOINT_URL=http://127.0.0.1:8000, or doctor --host and --port"},
      {"an endpoint that is ignored",
       {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}},
       "endpoint",
       Health::kBad,
       "unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"},
      {"a proxy",
       {{"HTTP_PROXY", "http://proxy:3128"}},
       "proxy",
       Health::kBad,
       "export NO_PROXY=localhost,127.0.0.1,127.0.0.1"},
      {"a proxy with an exception",
       {{"HTTP_PROXY", "http://proxy:3128"}, {"NO_PROXY", "a.lan, 127.0.0.1"}},
       "proxy",
       Health::kGood,
       ""},
  }));
  INFO(c.why);
  auto all = kGood;
  for (const auto& [name, value] : c.changed) {
    if (value.empty()) {
      all.erase(name);
    } else {
      all[name] = value;
    }
  }
  const Finding found = about(judge_environment(variables(all), {}, false), c.subject);
  CHECK(found.health == c.health);
  CHECK(found.fix == c.fix);
}

TEST_CASE("a file of credentials is as good as variables") {
  CHECK(about(judge_environment(variables({}), {}, true), "credentials").health == Health::kGood);
}

TEST_CASE("clocks, descriptors and space have limits") {
  CHECK(judge_skew(0).health == Health::kGood);
  CHECK(judge_skew(-29).health == Health::kGood);
  CHECK(judge_skew(30).text == "this machine's is 30 s ahead of the server's");
  CHECK(judge_skew(-900).health == Health::kBad);
  CHECK(judge_descriptors(65'536).health == Health::kGood);
  CHECK(judge_descriptors(1'024).health == Health::kDoubtful);
  CHECK(judge_space("/data", 2ULL << 30).text == "2.0 GiB free where the data is, /data");
  CHECK(judge_space("/data", 100ULL << 20).health == Health::kDoubtful);
  CHECK(judge_space("/data", 1ULL << 20).health == Health::kBad);
}

TEST_CASE("containers reach what listens on more than loopback") {
  CHECK(judge_containers(false, "127.0.0.1", {}).health == Health::kDoubtful);
  CHECK(judge_containers(false, "0.0.0.0", {}).health == Health::kGood);
  CHECK(judge_containers(false, "", {}).health == Health::kGood);
  CHECK(judge_containers(true, "", {}).health == Health::kDoubtful);
  CHECK(judge_containers(true, "", {.host = "tidemark", .port = 8000}).health == Health::kGood);
}

}  // namespace
}  // namespace tidemark::server

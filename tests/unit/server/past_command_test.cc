#include "server/commands/past_command.h"

#include "server/commands/branch_command.h"
#include "server/commands/rewind_command.h"
#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

TEST_CASE("the commands that look back ask for their resources") {
  PastConfig config;
  config.table = "a table";
  config.from = "2026-01-01T00:00:00+01:00";
  config.key = R"({"pk":{"S":"a"}})";
  CHECK(path_of(config) ==
        "/_tidemark/tables/a%20table/as-of?time=2026-01-01T00%3A00%3A00%2B01%3A00"
        "&key=%7B%22pk%22%3A%7B%22S%22%3A%22a%22%7D%7D");
  config.kind = PastConfig::Kind::kDiff;
  config.key.clear();
  config.to = "5";
  config.account = "123456789012";
  CHECK(path_of(config) ==
        "/_tidemark/tables/a%20table/diff?from=2026-01-01T00%3A00%3A00%2B01%3A00&to=5&account=123456789012");
  PastConfig history;
  history.kind = PastConfig::Kind::kHistory;
  history.table = "T";
  CHECK(path_of(history) == "/_tidemark/tables/T/history");
}

TEST_CASE("a version is a line") {
  CHECK(shown_version(R"({"time":"2026-01-01T00:00:00.000001Z","by":"client","item":{"pk":{"S":"a"}}})") ==
        "2026-01-01T00:00:00.000001Z  client       {\"pk\":{\"S\":\"a\"}}\n");
  CHECK(shown_version(R"({"time":"2026-01-01T00:00:00.000001Z","by":"ttl","item":null})") ==
        "2026-01-01T00:00:00.000001Z  ttl          (deleted)\n");
  CHECK(shown_version("what is this?") == "what is this?\n");
}

TEST_CASE("a change shows what was there and what is") {
  CHECK(shown_change(
            R"({"key":{"pk":{"S":"a"}},"old":null,"new":{"pk":{"S":"a"}},"time":"T","by":"client"})") ==
        "+ T  client       {\"pk\":{\"S\":\"a\"}}\n    + {\"pk\":{\"S\":\"a\"}}\n");
  CHECK(shown_change(R"({"key":{"pk":{"S":"a"}},"old":{"pk":{"S":"a"}},"new":null,"time":"T","by":"ttl"})") ==
        "- T  ttl          {\"pk\":{\"S\":\"a\"}}\n    - {\"pk\":{\"S\":\"a\"}}\n");
  CHECK(
      shown_change(
          R"({"key":{"pk":{"S":"a"}},"old":{"pk":{"S":"a"}},"new":{"pk":{"S":"a"},"v":{"N":"1"}},"time":"T","by":"import"})") ==
      "~ T  import       {\"pk\":{\"S\":\"a\"}}\n    - {\"pk\":{\"S\":\"a\"}}\n"
      "    + {\"pk\":{\"S\":\"a\"},\"v\":{\"N\":\"1\"}}\n");
}

TEST_CASE("a rewind is asked for with its keys") {
  RewindConfig config;
  config.to = "5";
  CHECK(rewind_request(config) == R"({"to":"5"})");
  config.keys = {R"({"pk":{"S":"a"}})"};
  config.region = "eu-west-1";
  CHECK(rewind_request(config) == R"({"to":"5","region":"eu-west-1","keys":[{"pk":{"S":"a"}}]})");
  config.keys = {"pk=a"};
  REQUIRE_FALSE(rewind_request(config));
}

TEST_CASE("a branch is asked for with its name") {
  BranchConfig config;
  config.target = "Orders-fix";
  CHECK(branch_request(config) == R"({"target":"Orders-fix"})");
  config.as_of = "2026-01-01T00:00:00Z";
  config.account = "123456789012";
  config.region = "eu-west-1";
  CHECK(
      branch_request(config) ==
      R"({"target":"Orders-fix","asOf":"2026-01-01T00:00:00Z","account":"123456789012","region":"eu-west-1"})");
}

}  // namespace
}  // namespace tidemark::server

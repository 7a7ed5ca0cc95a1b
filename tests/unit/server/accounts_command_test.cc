#include "server/commands/accounts_command.h"

#include "base/auth/credentials.h"
#include "tests/support/catch.h"
#include "tests/support/memory_file_system.h"

namespace tidemark::server {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("names are numbered on from the one that is given") {
  CHECK(account_names({"student01"}, 3).value() == Names{"student01", "student02", "student03"});
  CHECK(account_names({"student"}, 2).value() == Names{"student01", "student02"});
  CHECK(account_names({"s098"}, 3).value() == Names{"s098", "s099", "s100"});
  CHECK(account_names({"g"}, 100).value().back() == "g100");
  CHECK(account_names({"7"}, 2).value() == Names{"7", "8"});
  CHECK(account_names({"ada", "bob"}, 0).value() == Names{"ada", "bob"});
}

TEST_CASE("names that cannot be are refused") {
  struct Case {
    Names names;
    std::size_t count;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {{}, 0, "accounts add: a name is missing"},
      {{"a b"}, 0, "accounts: 'a b' is no name of 1 to 64 letters, digits, dots, hyphens and underscores"},
      {{"a]\n[b"},
       0,
       "accounts: 'a]?[b' is no name of 1 to 64 letters, digits, dots, hyphens and underscores"},
      {{"a", "b"}, 2, "accounts add: --count numbers from one name on, not from several"},
      {{"a"}, 10'001, "accounts add: --count is 1 to 10000"},
      {{"a12345678901"}, 2, "accounts add: the number of 'a12345678901' is too long"},
  }));
  const auto refused = account_names(c.names, c.count);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == c.message);
}

}  // namespace
}  // namespace tidemark::server

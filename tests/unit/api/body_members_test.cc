#include "api/vectors/body_members.h"

#include <array>
#include <string>

#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

constexpr std::array kMembers = std::to_array<BodyMember>({{"A", "a string"}, {"B", "a sequence"}});

}  // namespace

TEST_CASE("where a body stops being what it has to be") {
  struct Case {
    const char* why;
    const char* body;
    const char* message;  // empty: nothing is wrong
  };
  const auto c = GENERATE(values<Case>({
      {"all is there", R"({"A":"x","B":[]})", ""},
      {"of any type but null", R"({"B":1,"A":{}})", ""},
      {"nothing is there", "{}", "missing field `A` at line 1 column 2"},
      {"blanks behind it do not count", "{} ", "missing field `A` at line 1 column 2"},
      {"the second is missing", R"({"A":"x"})", "missing field `B` at line 1 column 9"},
      {"null", R"({"A":null})", "invalid type: null, expected a string at line 1 column 9"},
      {"null comes before what is missing", R"({"B":null})",
       "invalid type: null, expected a sequence at line 1 column 9"},
      {"lines", "{\n  \"A\": null\n}", "invalid type: null, expected a string at line 2 column 11"},
      {"other members are passed over", R"({"X":{"A":null,"y":"}"},"A":"\"","B":[[1,"]"]]})", ""},
      {"null elsewhere", R"({"X":null,"A":"x","B":[null]})", ""},
  }));
  INFO(c.why);
  const auto checked = check_body_members(c.body, kMembers);
  CHECK((checked ? std::string() : checked.error().message) == c.message);
}

}  // namespace tidemark::api

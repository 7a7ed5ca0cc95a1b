#include "api/expression/statement_size.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/unit/api/expression/support.h"

namespace tidemark::api::expression {
namespace {

std::uint64_t size_of(const std::string& text, const std::string& values) {
  Substitutions substitutions = substitutions_of("", values);
  const auto update = compile_update(text, substitutions);
  REQUIRE(outcome(update) == "ok");
  return statement_size_bytes(*update);
}

TEST_CASE("each clause costs what it writes and a little") {
  struct Case {
    const char *text, *values;
    std::uint64_t bytes;  // beyond the 3 that every update costs
  };
  const auto c = GENERATE(values<Case>({
      {"SET b = :v", R"({":v":{"S":"12345"}})", 19 + 1 + 5},
      {"SET abc.de = :v", R"({":v":{"S":""}})", 19 + 3 + (4 + 2)},
      {"SET l[10] = :v", R"({":v":{"S":""}})", 19 + 1 + (4 + 2)},
      {"SET c = :v, d = :v", R"({":v":{"S":"12345"}})", 2 * (19 + 1 + 5)},
      {"SET c = abcdefghij", "", 19 + 1 + 1 + (14 + 10)},
      {"SET c = m.z[10]", "", 19 + 1 + 1 + (14 + 1) + (14 + 1) + (14 + 2)},
      {"SET n = n + :v", R"({":v":{"N":"1"}})", 19 + 1 + 34 + (1 + 14 + 1) + 2},
      {"SET n = n - :v", R"({":v":{"N":"1"}})", 19 + 1 + 37 + (1 + 14 + 1) + 2},
      {"SET c = if_not_exists(c, :v)", R"({":v":{"M":{"a":{"S":"12345"}}}})",
       19 + 1 + 39 + (1 + 14 + 1) + (3 + 1 + 1 + 5)},
      {"SET l = list_append(:v, l)", R"({":v":{"L":[{"S":"12345"}]}})",
       19 + 1 + 37 + (3 + 1 + 5) + (1 + 14 + 1)},
      {"ADD abcdefghij :v", R"({":v":{"N":"1"}})", 19 + 10 + 2},
      {"ADD ss :v", R"({":v":{"SS":["12345"]}})", 19 + 2 + 5},
      {"REMOVE r", "", 1 + 1},
      {"REMOVE m.yyyyyyyyyy, l[10]", "", (1 + 1 + 4 + 10) + (1 + 1 + 4 + 2)},
      {"DELETE ss :v", R"({":v":{"SS":["12345"]}})", 0},
  }));
  INFO(c.text);
  CHECK(size_of(c.text, c.values) == 3 + c.bytes);
}

TEST_CASE("one big value in many places is not counted to the end") {
  std::string text = "SET a0 = :v";
  for (int i = 1; i < 200; ++i) text += ", a" + std::to_string(i) + " = :v";
  const std::uint64_t size = size_of(text, R"({":v":{"S":")" + std::string(300'000, 'x') + R"("}})");
  CHECK(size > 409'600);
  CHECK(size < 1'000'000);
}

}  // namespace
}  // namespace tidemark::api::expression

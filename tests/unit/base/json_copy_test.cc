#include "base/json_copy.h"

#include <string>

#include "tests/support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("a value is written as it was read, without its blanks") {
  const std::string text = GENERATE(R"(null)", R"(true)", R"(-7)", R"(1.5)", R"("a\"b\n")", R"([])", R"({})",
                                    R"([1,[2,{"x":[]}],null,false])",
                                    R"({"b":{"a":1,"":"x"},"a":[{"S":"q"},{"NULL":true}],"c\\":0})");
  INFO(text);
  json::Document document;
  const auto value = document.parse(text);
  REQUIRE(value.has_value());
  std::string out;
  JsonWriter json(&out);
  write_value(*value, json);
  CHECK(out == text);
}

TEST_CASE("a copied value is one among others") {
  json::Document document;
  const auto value = document.parse(R"( { "a" : [ 1 , 2 ] } )");
  REQUIRE(value.has_value());
  std::string out;
  JsonWriter json(&out);
  json.begin_array();
  write_value(*value, json);
  write_value(*value, json);
  json.number(3);
  json.end_array();
  CHECK(out == R"([{"a":[1,2]},{"a":[1,2]},3])");
}

}  // namespace
}  // namespace tidemark

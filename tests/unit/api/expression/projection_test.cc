#include "api/expression/projection.h"

#include <string>

#include "tests/unit/api/expression/support.h"

namespace tidemark::api::expression {
namespace {

constexpr std::string_view kItem = R"({
  "a":{"S":"A"},"b":{"M":{"x":{"N":"1"},"y":{"N":"2"},"z":{"M":{"deep":{"S":"d"}}}}},
  "c":{"L":[{"N":"0"},{"N":"1"},{"M":{"x":{"S":"cx"},"y":{"S":"cy"}}},{"L":[{"N":"30"},{"N":"31"}]}]},
  "d":{"SS":["p","q"]},"quo\"te":{"N":"3"},"x.y":{"N":"4"},"none":{"M":{}}})";

TEST_CASE("items are cut down to paths") {
  struct Case {
    const char* text;
    const char* expected;
  };
  const auto c = GENERATE(values<Case>({
      {"a", R"({"a":{"S":"A"}})"},
      {"d, a", R"({"a":{"S":"A"},"d":{"SS":["p","q"]}})"},
      {"gone", "{}"},
      {"gone, a", R"({"a":{"S":"A"}})"},
      {"#q, #dot", R"({"quo\"te":{"N":"3"},"x.y":{"N":"4"}})"},
      {"#none", R"({"none":{"M":{}}})"},
      {"b.x", R"({"b":{"M":{"x":{"N":"1"}}}})"},
      {"b.y, b.x", R"({"b":{"M":{"x":{"N":"1"},"y":{"N":"2"}}}})"},
      {"b.z.deep, a", R"({"a":{"S":"A"},"b":{"M":{"z":{"M":{"deep":{"S":"d"}}}}}})"},
      {"b.gone", "{}"},
      {"b.z.gone, b.x", R"({"b":{"M":{"x":{"N":"1"}}}})"},
      {"#none.gone", "{}"},
      {"a.gone", "{}"},
      {"a[0]", "{}"},
      {"b[0]", "{}"},
      {"c.x", "{}"},
      {"c[1]", R"({"c":{"L":[{"N":"1"}]}})"},
      {"c[9]", "{}"},
      {"c[1], c[0], c[9]", R"({"c":{"L":[{"N":"0"},{"N":"1"}]}})"},
      {"c[2].y, c[2].x", R"({"c":{"L":[{"M":{"x":{"S":"cx"},"y":{"S":"cy"}}}]}})"},
      {"c[3][1], c[0]", R"({"c":{"L":[{"N":"0"},{"L":[{"N":"31"}]}]}})"},
      {"c[2].gone, c[1]", R"({"c":{"L":[{"N":"1"}]}})"},
  }));
  INFO(c.text);
  Substitutions substitutions = substitutions_of(R"({"#q":"quo\"te","#dot":"x.y","#none":"none"})", "");
  const auto projection = compile_projection(c.text, substitutions);
  REQUIRE(outcome(projection) == "ok");
  std::string out = "before ";
  REQUIRE(append_projected(&out, *projection, text_of(item_of(kItem))).has_value());
  CHECK(out == "before " + std::string(c.expected));
  CHECK(text_of(project(projection->paths, item_of(kItem))) == c.expected);
}

TEST_CASE("an empty item projects to an empty item") {
  Substitutions substitutions;
  std::string out;
  REQUIRE(append_projected(&out, *compile_projection("a", substitutions), "{}").has_value());
  REQUIRE(append_projected(&out, *compile_projection("a.b", substitutions), "{}").has_value());
  CHECK(out == "{}{}");
}

}  // namespace
}  // namespace tidemark::api::expression

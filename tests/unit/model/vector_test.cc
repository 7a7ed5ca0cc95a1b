#include "model/vector.h"

#include <cmath>
#include <string>

#include "tests/support/catch.h"

namespace tidemark::model {
namespace {

std::string floats_of(std::initializer_list<const char*> numbers) {
  std::string floats;
  for (const char* number : numbers) REQUIRE(append_float(&floats, number));
  return floats;
}

}  // namespace

TEST_CASE("the form of a vector: little-endian floats of 32 bits") {
  using namespace std::string_literals;
  CHECK(floats_of({"1", "-2.5", "0"}) == "\x00\x00\x80\x3f\x00\x00\x20\xc0\x00\x00\x00\x00"s);
}

TEST_CASE("what is a vector of two dimensions") {
  struct Case {
    const char* why;
    const char* value;
    bool is_vector;
  };
  const auto c = GENERATE(values<Case>({
      {"two numbers", R"({"L":[{"N":"1"},{"N":"-0.25"}]})", true},
      {"one number", R"({"L":[{"N":"1"}]})", false},
      {"three numbers", R"({"L":[{"N":"1"},{"N":"2"},{"N":"3"}]})", false},
      {"none", R"({"L":[]})", false},
      {"a text", R"({"L":[{"N":"1"},{"S":"2"}]})", false},
      {"a list", R"({"L":[{"N":"1"},{"L":[]}]})", false},
      {"more than 32 bits hold", R"({"L":[{"N":"1"},{"N":"1000000000000000000000000000000000000000"}]})",
       false},
      {"a set", R"({"NS":["1","2"]})", false},
      {"a number", R"({"N":"1"})", false},
      {"damaged", R"({"L":[{"N":"1"},)", false},
  }));
  INFO(c.why);
  std::string floats = "before";
  CHECK(append_vector(&floats, c.value, 2) == c.is_vector);
  if (!c.is_vector) CHECK(floats == "before");
}

TEST_CASE("numbers are written as short as they can be read back") {
  std::string text;
  append_vector_text(&text, floats_of({"0.1234567890123", "16777217", "-0", "0.1",
                                       "-340000000000000000000000000000000000000"}));
  CHECK(
      text ==
      R"({"L":[{"N":"0.12345679"},{"N":"16777216"},{"N":"0"},{"N":"0.1"},{"N":"-340000000000000000000000000000000000000"}]})");
  std::string again;
  REQUIRE(append_vector(&again, text, 5));
  CHECK(again ==
        floats_of({"0.12345679", "16777216", "0", "0.1", "-340000000000000000000000000000000000000"}));
}

TEST_CASE("distances") {
  struct Case {
    DistanceFunction function;
    std::initializer_list<const char*> a;
    std::initializer_list<const char*> b;
    double score;
  };
  const Case cases[] = {
      {DistanceFunction::kEuclidean, {"0", "0"}, {"3", "4"}, 5},
      {DistanceFunction::kEuclidean, {"1", "1"}, {"1", "1"}, 0},
      {DistanceFunction::kDotProduct, {"1", "2"}, {"3", "4"}, 11},
      {DistanceFunction::kDotProduct, {"1", "0"}, {"0", "1"}, 0},
      {DistanceFunction::kCosine, {"3", "4"}, {"6", "8"}, 0},
      {DistanceFunction::kCosine, {"1", "0"}, {"0", "7"}, 1},
      {DistanceFunction::kCosine, {"3", "4"}, {"-3", "-4"}, 2},
      {DistanceFunction::kCosine, {"0", "0"}, {"3", "4"}, 1},
  };
  for (const Case& c : cases) {
    INFO(distance_function_name(c.function));
    CHECK(std::abs(vector_score(c.function, floats_of(c.a), floats_of(c.b)) - c.score) < 1e-12);
  }
  CHECK(is_nearer(DistanceFunction::kCosine, 0, 1));
  CHECK(is_nearer(DistanceFunction::kDotProduct, 1, 0));
  CHECK_FALSE(is_nearer(DistanceFunction::kEuclidean, 1, 1));
}

}  // namespace tidemark::model

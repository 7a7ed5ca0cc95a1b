// The messages for values that cannot be, in both wordings, from the JSON that a client sends.
#include "model/words/values.h"

#include <string>

#include "model/item.h"
#include "tests/support/catch.h"

namespace tidemark::model::words {
namespace {

struct Case {
  std::string value, classic;
  std::string current = {};  // empty: the same
};

void check(const Case& c) {
  INFO(c.value);
  json::Document document;
  const auto item = item_from_json(document.parse(R"({"ok":{"S":"x"},"a":)" + c.value + "}").value());
  REQUIRE_FALSE(item.has_value());
  REQUIRE(item.error().defect != ValueDefect::kSerialization);
  CHECK(value_message(item.error(), Wording::kClassic) == c.classic);
  CHECK(value_message(item.error(), Wording::kCurrent) == (c.current.empty() ? c.classic : c.current));

  const auto value = value_from_json(document.parse(c.value).value());
  REQUIRE_FALSE(value.has_value());
  CHECK(value_message(value.error(), Wording::kClassic) == c.classic);
}

TEST_CASE("values without a type, and sets") {
  const std::string empty =
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
  const std::string invalid = "One or more parameter values were invalid: ";
  check(GENERATE_COPY(values<Case>({
      {"{}", empty},
      {R"({"X":"1"})", empty},
      {R"({"S":null})", empty},
      {"null", empty},
      {R"({"L":[null]})", empty},
      {R"({"S":"x","N":"1"})",
       "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
       "datatypes"},
      {R"({"NULL":false})", invalid + "Null attribute value types must have the value of true"},
      {R"({"SS":[]})", invalid + "An string set  may not be empty"},
      {R"({"NS":[]})", invalid + "An number set  may not be empty"},
      {R"({"BS":[]})", invalid + "Binary sets should not be empty"},
      {R"({"L":[{"M":{"k":{"SS":[]}}}]})", invalid + "An string set  may not be empty"},
      {R"({"SS":["b","a","b"]})", invalid + "Input collection [b, a, b] contains duplicates.",
       invalid + R"(Input collection ["a", "b", "b"] contains duplicates.)"},
      {R"({"SS":["c","a","c","b","a"]})", invalid + "Input collection [c, a, c, b, a] contains duplicates.",
       invalid + R"(Input collection ["a", "c", "c", "b", "a"] contains duplicates.)"},
      {R"({"SS":["",""]})", invalid + "Input collection [, ] contains duplicates.",
       invalid + R"(Input collection ["", ""] contains duplicates.)"},
      {R"({"NS":["2","1","2"]})", "Input collection contains duplicates",
       invalid + "Input collection contains duplicates."},
      {R"({"NS":["1","1.0"]})", "Input collection contains duplicates",
       invalid + "Input collection contains duplicates."},
      {R"({"BS":["/w==","AA==","AA=="]})",
       invalid + "Input collection [/w==, AA==, AA==]of type BS contains duplicates.",
       invalid + R"(Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.)"},
  })));
}

TEST_CASE("numbers") {
  const std::string not_a_number = "The parameter cannot be converted to a numeric value";
  const std::string overflow =
      "Number overflow. Attempting to store a number with magnitude larger than supported range";
  const std::string underflow =
      "Number underflow. Attempting to store a number with magnitude smaller than supported range";
  const auto number = [](const std::string& text) { return R"({"N":")" + text + R"("})"; };
  check(GENERATE_COPY(values<Case>({
      {number("foo"), not_a_number + ": foo"},
      {number(" 1"), not_a_number + ":  1"},
      {number("NaN"), not_a_number + ": NaN"},
      {number(""), not_a_number, not_a_number + ": "},
      {R"({"NS":["1",""]})", not_a_number, not_a_number + ": "},
      {R"({"NS":["1","x"]})", not_a_number + ": x"},
      {R"({"S":"x","N":"y"})", not_a_number + ": y"},
      {number("1.23456789012345678901234567890123456789"),
       "Attempting to store more than 38 significant digits in a Number"},
      {number("1e126"), overflow},
      {number("1e-131"), underflow},
      {number("0e126"), overflow},
      // Exponents that the older layer cannot hold, and one that is about to wrap around.
      {number("1e2147483646"), overflow},
      {number("1e2147483647"), underflow, overflow},
      {number("-10e2147483646"), underflow, overflow},
      {number("0.1e2147483647"), overflow},
      {number("1e2147483648"), not_a_number + ": 1e2147483648", overflow},
      {number("-1e+99999999999"), not_a_number + ": -1e+99999999999", overflow},
      {number("1e-2147483647"), underflow},
      {number("0.1e-2147483647"), not_a_number + ": 0.1e-2147483647", underflow},
      {number("1e-99999999999"), not_a_number + ": 1e-99999999999", underflow},
      {number("1e99999999999999999999"), not_a_number + ": 1e99999999999999999999"},
  })));
}

TEST_CASE("nesting and names") {
  CHECK(value_message({ValueDefect::kNestingTooDeep}, Wording::kClassic) ==
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond "
        "supported limit");
  CHECK(value_message({ValueDefect::kEmptyAttributeName}, Wording::kCurrent).find("Empty attribute name") !=
        std::string::npos);
}

TEST_CASE("a number that arithmetic made too large has no text") {
  CHECK(value_message({ValueDefect::kNumberOverflow}, Wording::kClassic) ==
        "Number overflow. Attempting to store a number with magnitude larger than supported range");
}

TEST_CASE("the names of the wordings") {
  CHECK(parse_wording("classic") == Wording::kClassic);
  CHECK(parse_wording("current") == Wording::kCurrent);
  CHECK_FALSE(parse_wording("Classic").has_value());
  CHECK_FALSE(parse_wording("").has_value());
}

}  // namespace
}  // namespace tidemark::model::words

#include <string>

#include "api/expression/resolve.h"
#include "tests/unit/api/expression/support.h"

namespace tidemark::api::expression {
namespace {

TEST_CASE("names and values of a request are judged in order") {
  struct Case {
    const char* names;
    const char* values;
    const char* expected;
  };
  const auto c = GENERATE(values<Case>({
      {"", "", "ok"},
      {R"({"#a":"a"})", R"({":v":{"S":""}})", "ok"},
      {"{}", R"({"x":{}})", "ExpressionAttributeNames must not be empty"},
      {R"({"x":"a"})", "{}", R"(ExpressionAttributeNames contains invalid key: Syntax error; key: "x")"},
      {R"({"#":"a"})", "{}", R"(ExpressionAttributeNames contains invalid key: Syntax error; key: "#")"},
      {R"({"#a-b":"a"})", "{}",
       R"(ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b")"},
      {R"({"#a":""})", "",
       "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a"},
      {"", "{}", "ExpressionAttributeValues must not be empty"},
      {"", R"({"loc":{"S":"a"}})",
       R"(ExpressionAttributeValues contains invalid key: Syntax error; key: "loc")"},
      {"", R"({":v":{},"loc":{"S":"a"}})",
       R"(ExpressionAttributeValues contains invalid key: Syntax error; key: "loc")"},
      {"", R"({":v":{}})",
       "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain "
       "exactly "
       "one of the supported datatypes for key :v"},
      {"", R"({":a":{"S":"x"},":v":{"N":"foo"}})",
       "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric "
       "value: "
       "foo for key :v"},
      {"", R"({":v":{"SS":[]}})",
       "ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An "
       "string "
       "set  may not be empty for key :v"},
      {R"({"#a":1})", "", "SerializationException: NUMBER_VALUE cannot be converted to String"},
      {R"({"#a":{}})", "", "SerializationException: Start of structure or map found where not expected"},
      {R"({"#a":["a"]})", "", "SerializationException: Unrecognized collection type class java.lang.String"},
      {R"("a")", "", "SerializationException: Unexpected field type"},
      {"", "[]",
       "SerializationException: Unrecognized collection type java.util.Map<java.lang.String, "
       "com.amazonaws.dynamodb.v20120810.AttributeValue>"},
  }));
  INFO(c.names << " " << c.values);
  CHECK(outcome(parse_substitutions(c.names, c.values)) == c.expected);
}

TEST_CASE("unused names and values are reported in the order of the request") {
  Substitutions substitutions = substitutions_of(R"({"#z":"z","#b":"b","#a":"a"})",
                                                 R"({":z":{"S":"z"},":y":{"S":"y"},":x":{"S":"x"}})");
  const std::string values = "Value provided in ExpressionAttributeValues unused in expressions: keys: ";
  CHECK(outcome(substitutions.require_all_used()) ==
        "Value provided in ExpressionAttributeNames unused in expressions: keys: {#z, #b, #a}");
  REQUIRE(compile_projection("#z, #a", substitutions).has_value());
  CHECK(outcome(substitutions.require_all_used()) ==
        "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}");
  REQUIRE(compile_update("SET #b = :y", substitutions).has_value());
  CHECK(outcome(substitutions.require_all_used()) == values + "{:z, :x}");
  REQUIRE(compile_condition(ExpressionKind::kCondition, "a = :z AND b = :x", substitutions).has_value());
  CHECK(outcome(substitutions.require_all_used()) == "ok");
}

TEST_CASE("an alias that holds a dot is one name") {
  Substitutions substitutions = common_substitutions();
  const auto projection = compile_projection("#dot.b", substitutions);
  REQUIRE(projection.has_value());
  CHECK(to_string(projection->paths[0]) == "[x.y, b]");
}

TEST_CASE("names and values need expressions") {
  struct Case {
    bool names, values, projection, condition;
    const char* expected;
  };
  const auto c = GENERATE(values<Case>({
      {false, false, false, false, "ok"},
      {true, true, false, true, "ok"},
      {true, false, true, false, "ok"},
      {true, true, false, false, "ExpressionAttributeNames can only be specified when using expressions"},
      {false, true, true, false,
       "ExpressionAttributeValues can only be specified when using expressions: FilterExpression and "
       "KeyConditionExpression are null"},
  }));
  CHECK(outcome(check_attributes_have_expressions(
            c.names, c.values, c.projection || c.condition,
            {{"FilterExpression", c.condition}, {"KeyConditionExpression", false}},
            model::Wording::kClassic)) == c.expected);
}

TEST_CASE("one expression parameter is said to be null, not are; or nothing is said") {
  const auto check = [](model::Wording wording) {
    return outcome(
        check_attributes_have_expressions(false, true, false, {{"ConditionExpression", false}}, wording));
  };
  CHECK(
      check(model::Wording::kClassic) ==
      "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null");
  CHECK(check(model::Wording::kCurrent) ==
        "ExpressionAttributeValues can only be specified when using expressions");
}

TEST_CASE("absent expressions compile to nothing") {
  Substitutions substitutions;
  const auto condition = compile_optional_condition(ExpressionKind::kFilter, std::nullopt, substitutions);
  REQUIRE(condition.has_value());
  CHECK_FALSE(condition->has_value());
  const auto projection = compile_optional_projection("a", substitutions);
  REQUIRE(projection.has_value());
  CHECK(projection->has_value());
  CHECK_FALSE(compile_optional_update("SET", substitutions).has_value());
}

}  // namespace
}  // namespace tidemark::api::expression

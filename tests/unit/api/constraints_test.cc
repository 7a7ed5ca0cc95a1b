#include "api/core/constraints.h"

#include <string>

#include "base/json.h"
#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

const Shape& sample() {
  static const Shape shape = structure(
      "SampleInput",
      {{"Select", enumeration({"SPECIFIC_ATTRIBUTES", "COUNT"})},
       {"TableName", table_name_or_arn(), Presence::kRequired},
       {"IndexName", index_name()},
       {"Limit", integer().at_least(1)},
       {"PageSize", integer().range(1, 100).modern()},
       {"KeySchema", list_of(structure("KeySchemaElement",
                                       {{"AttributeName", string().length(1, 255), Presence::kRequired},
                                        {"KeyType", enumeration({"HASH", "RANGE"}), Presence::kRequired}}))
                         .length(1, 2)},
       {"RequestItems",
        map_of(list_of(structure("WriteRequest", {{"PutRequest", structure("PutRequest", {})}})))
            .length(0, 25)
            .map_value_length(1, 25)},
       {"Names", map_of(string().length(0, 4))},
       {"Item", attribute_map()}});
  return shape;
}

std::string message_for(const Shape& shape, const std::string& text) {
  json::Document document;
  const auto body = document.parse(text);
  REQUIRE(body.has_value());
  const auto result = check_constraints(shape, *body);
  if (result.has_value()) return "";
  CHECK(result.error().type == ErrorType::kValidation);
  return result.error().message;
}

struct Case {
  const char* body;
  const char* message;
};

}  // namespace

TEST_CASE("constraint violations are reported together, in the operation's order") {
  const auto c = GENERATE(values<Case>({
      {R"({"TableName":"t","Item":{"a":{"S":"x"}}})", ""},
      {R"({"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/t"})", ""},
      {R"({})",
       "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not "
       "be null"},
      {R"({"TableName":null,"Select":"X"})",
       "2 validation errors detected: Value 'X' at 'select' failed to satisfy constraint: Member must "
       "satisfy "
       "enum value set: [SPECIFIC_ATTRIBUTES, COUNT]; Value null at 'tableName' failed to satisfy "
       "constraint: "
       "Member must not be null"},
      {R"({"TableName":"t","IndexName":"a!"})",
       "2 validation errors detected: Value 'a!' at 'indexName' failed to satisfy constraint: Member must "
       "satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value 'a!' at 'indexName' failed to satisfy "
       "constraint: Member must have length greater than or equal to 3"},
      {R"({"TableName":"t","Limit":0})",
       "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have "
       "value greater than or equal to 1"},
      {R"({"TableName":"t","PageSize":101})",
       "1 validation error detected: Value at 'PageSize' failed to satisfy constraint: Member must have "
       "value "
       "less than or equal to 100"},
      {R"({"TableName":"t","KeySchema":[]})",
       "1 validation error detected: Value '[]' at 'keySchema' failed to satisfy constraint: Member must "
       "have "
       "length greater than or equal to 1"},
      {R"({"TableName":"t","KeySchema":[{"KeyType":"HASH","AttributeName":"a"},{"AttributeName":"b","KeyType":"RANGE"},{"AttributeName":"c","KeyType":"RANGE"}]})",
       "1 validation error detected: Value '[KeySchemaElement(attributeName=a, keyType=HASH), "
       "KeySchemaElement(attributeName=b, keyType=RANGE), KeySchemaElement(attributeName=c, keyType=RANGE)]' "
       "at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2"},
      {R"({"TableName":"t","KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"KeyType":"BAD"}]})",
       "2 validation errors detected: Value null at 'keySchema.2.member.attributeName' failed to satisfy "
       "constraint: Member must not be null; Value 'BAD' at 'keySchema.2.member.keyType' failed to satisfy "
       "constraint: Member must satisfy enum value set: [HASH, RANGE]"},
      {R"({"TableName":"t","RequestItems":{"abc":[]}})",
       "1 validation error detected: Value '{abc=[]}' at 'requestItems' failed to satisfy constraint: Map "
       "value must satisfy constraint: [Member must have length less than or equal to 25, Member must have "
       "length greater than or equal to 1]"},
      {R"({"TableName":"t","Names":{"#a":"fiver"}})",
       "1 validation error detected: Value 'fiver' at 'names.#a.member' failed to satisfy constraint: Member "
       "must have length less than or equal to 4"},
      {R"({"TableName":"t","Names":{"#a":null}})",
       "1 validation error detected: Value null at 'names.#a.member' failed to satisfy constraint: Member "
       "must not be null"},
  }));
  INFO(c.body);
  CHECK(message_for(sample(), c.body) == c.message);
}

TEST_CASE("an ill-formed table name is reported alone") {
  const std::string name = GENERATE(as<std::string>(), "", "bad table!@#", "arn:aws:s3:::bucket",
                                    "arn:aws:dynamodb:us-east-1:1:table/");
  const std::string message =
      message_for(sample(), R"({"Select":"X","Limit":0,"TableName":")" + name + "\"}");
  const std::string constraint = name.empty()
                                     ? "Member must have length greater than or equal to 1"
                                     : "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";
  CHECK(message == "1 validation error detected: Value '" + name +
                       "' at 'tableName' failed to satisfy constraint: " + constraint);
}

TEST_CASE("lengths count UTF-16 units and ten violations are the most") {
  const std::string longest(255, 'a');
  CHECK(message_for(sample(), R"({"TableName":")" + longest + "\"}").empty());
  CHECK(message_for(sample(), R"({"TableName":")" + longest + "a\"}") ==
        "1 validation error detected: Value '" + longest +
            "a' at 'tableName' failed to satisfy constraint: Member must have length less than or equal to "
            "255");
  // Four characters of three bytes each fit; two of four bytes count twice.
  CHECK(message_for(sample(), R"({"TableName":"t","Names":{"#a":"ああああ"}})").empty());
  CHECK_FALSE(message_for(sample(), R"({"TableName":"t","Names":{"#a":"😀😀😀"}})").empty());

  std::string names;
  for (int i = 0; i < 12; ++i) names += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":null";
  const std::string message = message_for(sample(), R"({"TableName":"t","Names":{)" + names + "}}");
  CHECK(message.starts_with("10 validation errors detected: "));
  CHECK(message.find("names.9.member") != std::string::npos);
  CHECK(message.find("names.10.member") == std::string::npos);
}

TEST_CASE("a missing required parameter goes before every other constraint") {
  const Shape shape = structure(
      "Input", {{"Limit", integer().at_least(1)}, {"TableName", string(), Presence::kRequiredParameter}});
  CHECK(message_for(shape, R"({"Limit":0})") ==
        "The parameter 'TableName' is required but was not present in the request");
}

}  // namespace tidemark::api

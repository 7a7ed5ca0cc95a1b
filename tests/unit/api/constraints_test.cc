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
       {"PageSize", integer().range(1, 100).never_echoed()},
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

std::string message_for(const Shape& shape, const std::string& text,
                        model::Wording wording = model::Wording::kClassic) {
  json::Document document;
  const auto body = document.parse(text);
  REQUIRE(body.has_value());
  const auto result = check_constraints(shape, *body, wording);
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

namespace {

// What a write has that the wordings part over, and a map that is keyed by table.
const Shape& write() {
  static const Shape shape =
      structure("WriteInput",
                {{"Capacity", enumeration({"TOTAL", "NONE"})},
                 {"TableName", table_name_or_arn_of_write(), Presence::kRequired},
                 {"ReturnValues", enumeration({"NONE", "ALL_OLD"}).current_enum({"ALL_OLD", "NONE"})},
                 {"Key", attribute_map(), Presence::kRequired}})
          .telling_all_without("Key");
  return shape;
}

const Shape& batch(bool is_json) {
  const auto shape = [](bool with_json) {
    Shape items = map_of(list_of(structure("WriteRequest",
                                           {{"Put", structure("PutRequest", {{"Item", attribute_map()}})},
                                            {"Delete", structure("DeleteRequest", {})}})))
                      .map_value_length(1, 2)
                      .table_name_keys();
    if (with_json) items.is_echoed_as_json = true;
    return structure("BatchInput",
                     {{"RequestItems", std::move(items)}, {"Capacity", enumeration({"TOTAL"})}});
  };
  static const Shape java = shape(false);
  static const Shape json = shape(true);
  return is_json ? json : java;
}

const std::string kBadCapacity =
    "Value 'X' at 'capacity' failed to satisfy constraint: Member must satisfy enum value set: [TOTAL, NONE]";

}  // namespace

TEST_CASE("what a write may be refused for reads differently in the two wordings") {
  const std::string too_short =
      " failed to satisfy constraint: Member must have length greater than or equal to 1";
  const std::string pattern =
      " failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";
  const std::string classic_values =
      "Value 'X' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [NONE, "
      "ALL_OLD]";
  const std::string current_values =
      "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]";
  const std::string no_key = "Value null at 'key' failed to satisfy constraint: Member must not be null";
  struct Case {
    const char *why, *body;
    std::string classic, current;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"an empty name", R"({"TableName":"","Key":{}})",
       "1 validation error detected: Value '' at 'tableName'" + too_short,
       "1 validation error detected: Value at 'TableName'" + too_short},
      {"other faults of the name", R"({"TableName":"a b","Key":{}})",
       "1 validation error detected: Value 'a b' at 'tableName'" + pattern,
       "1 validation error detected: Value 'a b' at 'tableName'" + pattern},
      {"no name", R"({"TableName":null,"Key":{}})",
       "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not "
       "be null",
       "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not "
       "be null"},
      {"an empty name comes before all else", R"({"TableName":"","ReturnValues":"X","Key":{}})",
       "1 validation error detected: Value '' at 'tableName'" + too_short,
       "1 validation error detected: Value at 'TableName'" + too_short},
      {"both forms in one message", R"({"TableName":"t","Capacity":"X","ReturnValues":"X","Key":{}})",
       "2 validation errors detected: " + kBadCapacity + "; " + classic_values,
       "2 validation errors detected: " + kBadCapacity + "; " + current_values},
      {"without a key the older layer says it all", R"({"TableName":"","Capacity":"X","ReturnValues":"X"})",
       "4 validation errors detected: " + kBadCapacity + "; Value '' at 'tableName'" + too_short + "; " +
           classic_values + "; " + no_key,
       "4 validation errors detected: " + kBadCapacity + "; Value '' at 'tableName'" + too_short + "; " +
           classic_values + "; " + no_key},
  }));
  INFO(c.why);
  CHECK(message_for(write(), c.body, model::Wording::kClassic) == c.classic);
  CHECK(message_for(write(), c.body, model::Wording::kCurrent) == c.current);
}

TEST_CASE("a request that nests too deep is read by the older layer") {
  const auto with_levels = [](int levels) {
    std::string value = R"({"S":"x"})";
    for (int i = 0; i < levels; ++i) value.insert(0, R"({"M":{"n":)").append("}}");
    return R"({"TableName":"t","ReturnValues":"X","Key":{"k":)" + value + "}}";
  };
  const auto message = [&](int levels) {
    return message_for(write(), with_levels(levels), model::Wording::kCurrent);
  };
  CHECK(message(40).starts_with("1 validation error detected: Failed to satisfy"));
  CHECK(message(62).starts_with("1 validation error detected: Failed to satisfy"));
  CHECK(message(63).starts_with("1 validation error detected: Value 'X' at 'returnValues'"));
  CHECK(message(100).starts_with("1 validation error detected: Value 'X' at 'returnValues'"));
}

TEST_CASE("keys and values of a map by table") {
  const std::string bad_key =
      " at 'requestItems' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have "
      "length less than or equal to 255, Member must have length greater than or equal to 3, Member must "
      "satisfy "
      "regular expression pattern: [a-zA-Z0-9_.-]+]";
  const std::string bad_value =
      " at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have "
      "length less than or equal to 2, Member must have length greater than or equal to 1]";
  const std::string capacity =
      "Value 'X' at 'capacity' failed to satisfy constraint: Member must satisfy enum value set: [TOTAL]";
  struct Case {
    const char *why, *body;
    bool is_json;
    std::string classic;
    std::string current = {};  // empty: the same
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"names and ARNs",
       R"({"RequestItems":{"tab":[{}],"arn:aws:dynamodb:us-east-1:000000000000:table/t":[{}]}})", false, ""},
      {"a bad name, in JSON", R"({"RequestItems":{"bad!name":[{"Put":{"Item":{"pk":{"S":"a"}}}}]}})", true,
       R"(1 validation error detected: Value '{"bad!name":[{"Put":{"Item":{"pk":{"S":"a"}}}}]}')" + bad_key},
      {"beside another violation", R"({"RequestItems":{"ab":[{}]},"Capacity":"X"})", true,
       R"(2 validation errors detected: Value '{"ab":[{}]}')" + bad_key + "; " + capacity},
      {"a bad name, as Java prints it",
       R"({"RequestItems":{"bad!name":[{"Put":{"Item":{"pk":{"S":"a"}}}}]}})", false,
       "1 validation error detected: Value "
       "'{bad!name=[WriteRequest(put=PutRequest(item={pk=AttributeValue(s=a, "
       "n=null, b=null, iNT=null, dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, iNTSET=null, "
       "dECIMALSET=null, dOUBLESET=null, m=null, l=null, nULL=null, bOOL=null)}), delete=null)]}'" +
           bad_key},
      {"no requests for a table", R"({"RequestItems":{"tab":[]}})", false,
       "1 validation error detected: Value '{tab=[]}'" + bad_value},
      {"too many", R"({"RequestItems":{"tab":[{},{},{}]}})", false,
       "1 validation error detected: Value '{tab=[WriteRequest(put=null, delete=null), "
       "WriteRequest(put=null, "
       "delete=null), WriteRequest(put=null, delete=null)]}'" +
           bad_value,
       "1 validation error detected: Value at 'RequestItems.tab.member' failed to satisfy constraint: Member "
       "must have length less than or equal to 2"},
  }));
  INFO(c.why);
  CHECK(message_for(batch(c.is_json), c.body, model::Wording::kClassic) == c.classic);
  CHECK(message_for(batch(c.is_json), c.body, model::Wording::kCurrent) ==
        (c.current.empty() ? c.classic : c.current));
}

TEST_CASE("a large request is not printed whole") {
  std::string list = R"({"L":[{"L":[])";
  for (int i = 0; i < 50'000; ++i) list += R"(},{"L":[])";
  const std::string body = R"({"RequestItems":{"tab":[],"two":[{"Put":{"Item":{"a":)" + list + "}]}}}}]}}";
  CHECK(message_for(batch(false), body).size() < 2 * (1U << 20));
}

TEST_CASE("attribute values as Java prints them") {
  const std::string body =
      R"({"RequestItems":{"!":[{"Put":{"Item":{"a":{"M":{"k":{"L":[{"N":"1"},{"BOOL":true}]}}},)"
      R"("b":{"B":"AAA="},"c":{"SS":["x","y"]}}}}]}})";
  const std::string message = message_for(batch(false), body);
  CHECK(message.find("m={k=AttributeValue(s=null") != std::string::npos);
  CHECK(message.find("l=[AttributeValue(s=null, n=1,") != std::string::npos);
  CHECK(message.find("bOOL=true)") != std::string::npos);
  CHECK(message.find("b=java.nio.HeapByteBuffer[pos=0 lim=2 cap=2]") != std::string::npos);
  CHECK(message.find("sS=[x, y]") != std::string::npos);
}

}  // namespace tidemark::api

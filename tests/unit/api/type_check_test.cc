#include "api/core/type_check.h"

#include <string>

#include "base/json.h"
#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

// Every kind of member, and containers in containers.
const Shape& every_kind() {
  static const Shape shape =
      structure("EveryKindInput", {{"Text", string()},
                                   {"Count", integer()},
                                   {"Total", long_integer()},
                                   {"Flag", boolean()},
                                   {"Bytes", blob()},
                                   {"When", timestamp()},
                                   {"Item", attribute_map()},
                                   {"Names", attribute_names()},
                                   {"Nested", structure("Inner", {{"Text", string()}})},
                                   {"Structures", list_of(structure("Inner", {{"Text", string()}}))},
                                   {"Lists", map_of(list_of(string()))}});
  return shape;
}

ApiResult<void> check(const std::string& text, bool into_attribute_values) {
  json::Document document;
  const auto body = document.parse(text);
  REQUIRE(body.has_value());
  return into_attribute_values ? check_types_in_attribute_values(every_kind(), *body)
                               : check_types(every_kind(), *body);
}

constexpr const char* kParameterizedType =
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
    "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are "
    "in "
    "module java.base of loader 'bootstrap')";

struct Case {
  const char* body;
  const char* message;
};

}  // namespace

TEST_CASE("a member of the wrong JSON type is named as the deserializer names it") {
  const auto c = GENERATE(values<Case>({
      {R"([])", ""},
      {R"("text")", ""},
      {R"({"Text":1})", "NUMBER_VALUE cannot be converted to String"},
      {R"({"Text":1.5})", "DECIMAL_VALUE cannot be converted to String"},
      {R"({"Text":true})", "TRUE_VALUE cannot be converted to String"},
      {R"({"Text":false})", "FALSE_VALUE cannot be converted to String"},
      {R"({"Text":[]})", "Unrecognized collection type class java.lang.String"},
      {R"({"Text":{}})", "Start of structure or map found where not expected"},
      {R"({"Count":"1"})", "STRING_VALUE cannot be converted to Integer"},
      {R"({"Count":true})", "TRUE_VALUE cannot be converted to Integer"},
      {R"({"Count":[]})", "Unrecognized collection type class java.lang.Integer"},
      {R"({"Total":"1"})", "STRING_VALUE cannot be converted to Long"},
      {R"({"Total":[1]})", "Unrecognized collection type class java.lang.Long"},
      {R"({"Flag":"maybe"})", "Unexpected token received from parser"},
      {R"({"Flag":1})", "NUMBER_VALUE cannot be converted to Boolean"},
      {R"({"Flag":[]})", "Unrecognized collection type class java.lang.Boolean"},
      {R"({"Bytes":1})", "only base-64-encoded strings are convertible to bytes"},
      {R"({"Bytes":[]})", "Unrecognized collection type class java.nio.ByteBuffer"},
      {R"({"Bytes":"abc"})", "Base64 encoded length is expected a multiple of 4 bytes but found: 3"},
      {R"({"Bytes":"abc%"})", "Invalid last non-pad Base64 character dectected"},
      {R"({"Item":"a"})", "Unexpected field type"},
      {R"({"Item":[]})",
       "Unrecognized collection type java.util.Map<java.lang.String, "
       "com.amazonaws.dynamodb.v20120810.AttributeValue>"},
      {R"({"Names":"a"})", "Unexpected field type"},
      {R"({"Names":{}})", "Start of structure or map found where not expected"},
      {R"({"Names":[1]})", "NUMBER_VALUE cannot be converted to String"},
      {R"({"Nested":1})", "Unexpected field type"},
      {R"({"Nested":[]})", "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.Inner"},
      {R"({"Nested":{"Text":2}})", "NUMBER_VALUE cannot be converted to String"},
      {R"({"Structures":["a"]})", "Unexpected field type"},
      {R"({"Lists":{"a":"b"}})", kParameterizedType},
      {R"({"Lists":{"a":["b",7]}})", "NUMBER_VALUE cannot be converted to String"},
      // The first in document order.
      {R"({"Count":"1","Text":1})", "STRING_VALUE cannot be converted to Integer"},
  }));
  INFO(c.body);
  const auto result = check(c.body, false);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().type == ErrorType::kSerialization);
  CHECK(result.error().message == c.message);
}

TEST_CASE("what the service takes is taken") {
  const char* const body =
      GENERATE(R"({})", R"({"Unknown":[{"a":1}]})", R"({"Text":null,"Count":null,"Item":null,"Nested":null})",
               R"({"Count":1.9,"Total":1e3})", R"({"Flag":"YES"})", R"({"Flag":"0"})", R"({"Flag":false})",
               R"({"When":1.5e9})", R"({"Bytes":"AAA="})", R"({"Names":[],"Lists":{"a":[]}})");
  INFO(body);
  CHECK(check(body, false).has_value());
  CHECK(check(body, true).has_value());
}

TEST_CASE("attribute values are looked into only on request") {
  const auto c = GENERATE(values<Case>({
      {R"({"Item":{"a":"b"}})", "Unexpected value type in payload"},
      {R"({"Item":{"a":[]}})",
       "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"},
      {R"({"Item":{"a":{"S":1}}})", "NUMBER_VALUE cannot be converted to String"},
      {R"({"Item":{"a":{"N":1}}})", "NUMBER_VALUE cannot be converted to String"},
      {R"({"Item":{"a":{"B":true}}})", "only base-64-encoded strings are convertible to bytes"},
      {R"({"Item":{"a":{"B":"A*=="}}})", "Invalid last non-pad Base64 character dectected"},
      {R"({"Item":{"a":{"BS":["abc"]}}})",
       "Base64 encoded length is expected a multiple of 4 bytes but found: 3"},
      {R"({"Item":{"a":{"SS":"x"}}})", "Unexpected field type"},
      {R"({"Item":{"a":{"L":[{"S":[]}]}}})", "Unrecognized collection type class java.lang.String"},
      {R"({"Item":{"a":{"M":{"b":3}}}})", "Unexpected value type in payload"},
      {R"({"Item":{"a":{"BOOL":"maybe"}}})", "Unexpected token received from parser"},
  }));
  INFO(c.body);
  CHECK(check(c.body, false).has_value());
  const auto result = check(c.body, true);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().type == ErrorType::kSerialization);
  CHECK(result.error().message == c.message);
}

}  // namespace tidemark::api

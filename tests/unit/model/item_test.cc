#include "model/item.h"

#include "model/item_size.h"
#include "model/value_types.h"
#include "tests/support/catch.h"

namespace tidemark::model {
namespace {

Result<Item, ValueError> from_text(const std::string& text) {
  json::Document document;
  return item_from_json(document.parse(text).value());
}

// `count` maps around a string.
std::string nested(int count) {
  std::string text = R"({"S":"x"})";
  for (int i = 0; i < count; ++i) {
    text.insert(0, i % 2 == 0 ? R"({"M":{"k":)" : R"({"L":[)").append(i % 2 == 0 ? "}}" : "]}");
  }
  return R"({"a":)" + text + "}";
}

TEST_CASE("canonical text") {
  struct Case {
    const char* why;
    std::string text, canonical;
    std::uint32_t size_bytes;
  };
  const auto c = GENERATE(values<Case>({
      {"empty item", "{ }", "{}", 0},
      {"names ascend bytewise",
       R"({"b":{"S":""},"B":{"S":"x"},"a":{"S":"y"},"\u00e4":{"S":"z"},"aa":{"S":"w"}})",
       "{\"B\":{\"S\":\"x\"},\"a\":{\"S\":\"y\"},\"aa\":{\"S\":\"w\"},\"b\":{\"S\":\"\"},\"\xc3\xa4\":{\"S\":"
       "\"z\"}}",
       11},
      {"the last of a name wins", R"({"k":{"S":"first"},"a":{"N":"1"},"k":{"S":"2nd"}})",
       R"({"a":{"N":"1"},"k":{"S":"2nd"}})", 7},
      {"an overwritten defect does not count", R"({"k":{"N":"x"},"k":{"N":"1"}})", R"({"k":{"N":"1"}})", 3},
      {"blanks go", "\n{ \"a\" :\t{ \"L\" : [ { \"S\" : \" \" } ] } }", R"({"a":{"L":[{"S":" "}]}})", 6},
      {"only required escapes", R"({"\/\u0061":{"S":"\u0022\u00e4\u0001\u000a\/"}})",
       "{\"/a\":{\"S\":\"\\\"\xc3\xa4\\u0001\\n/\"}}", 8},
      {"numbers in normal form", R"({"a":{"N":"1.50E2"},"b":{"N":"-0"},"c":{"N":"12.3400"},"d":{"N":"0.5"}})",
       R"({"a":{"N":"150"},"b":{"N":"0"},"c":{"N":"12.34"},"d":{"N":"0.5"}})", 4 + 3 + 1 + 3 + 2},
      {"string set", R"({"s":{"SS":["b","","a","B"]}})", R"({"s":{"SS":["","B","a","b"]}})", 4},
      {"number set by value", R"({"s":{"NS":["10","9.0","-1e1","0.5"]}})",
       R"({"s":{"NS":["-10","0.5","9","10"]}})", 1 + 3 + 2 + 2 + 2},
      {"set of natural numbers, in order or not", R"({"s":{"NS":["0","9","10","42"]},"t":{"NS":["10","9"]}})",
       R"({"s":{"NS":["0","9","10","42"]},"t":{"NS":["9","10"]}})", 1 + 1 + 2 + 2 + 2 + 1 + 2 + 2},
      {"binary set by bytes, not by text", R"({"s":{"BS":["/w==","AAE=","AA==","+w=="]}})",
       R"({"s":{"BS":["AA==","AAE=","+w==","/w=="]}})", 1 + 5},
      {"binary", R"({"b":{"B":"AAEC"},"e":{"B":""}})", R"({"b":{"B":"AAEC"},"e":{"B":""}})", 5},
      {"booleans and null, in words too",
       R"({"a":{"BOOL":true},"b":{"BOOL":"No"},"c":{"NULL":true},"d":{"NULL":"YES"},"e":{"BOOL":"1"}})",
       R"({"a":{"BOOL":true},"b":{"BOOL":false},"c":{"NULL":true},"d":{"NULL":true},"e":{"BOOL":true}})", 10},
      {"empty list and map, empty nested name", R"({"l":{"L":[]},"m":{"M":{}},"n":{"M":{"":{"S":""}}}})",
       R"({"l":{"L":[]},"m":{"M":{}},"n":{"M":{"":{"S":""}}}})", 4 + 4 + 5},
      {"nested maps are sorted", R"({"m":{"M":{"z":{"NULL":true},"a":{"M":{"y":{"S":"1"},"x":{"S":"2"}}}}}})",
       R"({"m":{"M":{"a":{"M":{"x":{"S":"2"},"y":{"S":"1"}}},"z":{"NULL":true}}}})",
       1 + 3 + (1 + 1 + 3 + 3 + 3) + (1 + 1 + 1)},
      {"null and unknown members do not count", R"({"a":{"S":"x","N":null,"X":"?"}})", R"({"a":{"S":"x"}})",
       2},
      {"a repeated type is one type", R"({"a":{"S":"x","S":"y"}})", R"({"a":{"S":"y"}})", 2},
  }));
  INFO(c.why);
  const auto item = from_text(c.text);
  REQUIRE(item.has_value());
  CHECK(item->text == c.canonical);
  CHECK(item->size_bytes == c.size_bytes);
  const auto tree = parse_item(item->text);
  REQUIRE(tree.has_value());
  CHECK(item_size_bytes(*tree) == c.size_bytes);
  CHECK(make_item(*tree).text == c.canonical);
  CHECK(from_text(c.canonical)->text == c.canonical);
}

TEST_CASE("more members than an insertion sort would like") {
  std::string text = "{";
  for (int i = 99; i >= 0; --i) {
    text += "\"k" + std::to_string(100 + i) + "\":{\"N\":\"" + std::to_string(i) + "\"},";
  }
  text += R"("k105":{"S":"last"}})";
  const auto tree = parse_item(from_text(text)->text).value();
  CHECK(tree.size() == 100);
  CHECK(*tree.at("k105").string() == "last");
  CHECK(*tree.at("k199").number() == Number::from_int(99));
}

TEST_CASE("the service's words for wrong JSON types") {
  struct Case {
    std::string value, message;
  };
  const std::string object = "Start of structure or map found where not expected";
  const std::string map = "java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>";
  const auto c = GENERATE_COPY(values<Case>({
      {R"("x")", "Unexpected value type in payload"},
      {"5", "Unexpected value type in payload"},
      {"[]", "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"},
      {R"({"S":1})", "NUMBER_VALUE cannot be converted to String"},
      {R"({"S":1.5})", "DECIMAL_VALUE cannot be converted to String"},
      {R"({"N":1})", "NUMBER_VALUE cannot be converted to String"},
      {R"({"S":true})", "TRUE_VALUE cannot be converted to String"},
      {R"({"N":false})", "FALSE_VALUE cannot be converted to String"},
      {R"({"S":[]})", "Unrecognized collection type class java.lang.String"},
      {R"({"S":{}})", object},
      {R"({"BOOL":"maybe"})", "Unexpected token received from parser"},
      {R"({"BOOL":1})", "NUMBER_VALUE cannot be converted to Boolean"},
      {R"({"NULL":1.5})", "DECIMAL_VALUE cannot be converted to Boolean"},
      {R"({"BOOL":[]})", "Unrecognized collection type class java.lang.Boolean"},
      {R"({"NULL":{}})", object},
      {R"({"B":1})", "only base-64-encoded strings are convertible to bytes"},
      {R"({"B":true})", "only base-64-encoded strings are convertible to bytes"},
      {R"({"B":[]})", "Unrecognized collection type class java.nio.ByteBuffer"},
      {R"({"B":{}})", object},
      {R"({"B":"AAA"})", "Base64 encoded length is expected a multiple of 4 bytes but found: 3"},
      {R"({"B":"AB=="})", "Invalid last non-pad Base64 character dectected"},
      {R"({"B":"A*=="})", "Invalid last non-pad Base64 character dectected"},
      {R"({"SS":"x"})", "Unexpected field type"},
      {R"({"NS":{}})", object},
      {R"({"SS":[1]})", "NUMBER_VALUE cannot be converted to String"},
      {R"({"BS":["A"]})", "Base64 encoded length is expected a multiple of 4 bytes but found: 1"},
      {R"({"L":"x"})", "Unexpected field type"},
      {R"({"L":{}})", object},
      {R"({"L":["x"]})", "Unexpected value type in payload"},
      {R"({"M":[]})", "Unrecognized collection type " + map},
      {R"({"M":true})", "Unexpected field type"},
      {R"({"M":{"k":{"S":1}}})", "NUMBER_VALUE cannot be converted to String"},
  }));
  INFO(c.value);
  // Another defect in front of it does not hide it: types are judged first.
  const auto item = from_text(R"({"n":{"N":"x"},"a":)" + c.value + "}");
  REQUIRE_FALSE(item.has_value());
  CHECK(item.error().defect == ValueDefect::kSerialization);
  CHECK(item.error().detail == c.message);

  json::Document document;
  const auto value = value_from_json(document.parse(c.value).value());
  REQUIRE_FALSE(value.has_value());
  CHECK(value.error().defect == ValueDefect::kSerialization);
  CHECK(value.error().detail == c.message);
  CHECK(value_serialization_defect(document.parse(c.value).value()) == c.message);
}

TEST_CASE("an item that is no object") {
  json::Document document;
  std::string text;
  CHECK(canonicalize(document.parse("[]").value(), &text).error().detail ==
        "Unrecognized collection type java.util.Map<java.lang.String, "
        "com.amazonaws.dynamodb.v20120810.AttributeValue>");
  CHECK(item_from_json(document.parse("5").value()).error().detail == "Unexpected field type");
}

TEST_CASE("the defect that stands first in the document is reported") {
  CHECK(from_text(R"({"z":{"N":"zz"},"b":{"N":"bb"}})").error().detail == "zz");
  CHECK(from_text(R"({"z":{"M":{"y":{"N":"yy"},"x":{"N":"xx"}}},"b":{}})").error().detail == "yy");
}

TEST_CASE("text in front of a refused item stays as it was") {
  json::Document document;
  std::string text = "before";
  CHECK_FALSE(canonicalize(document.parse(R"({"a":{"S":"x"},"b":{}})").value(), &text).has_value());
  CHECK(text == "before");
  CHECK(canonicalize(document.parse(R"({"a":{"S":"x"}})").value(), &text).value() == 2);
  CHECK(text == R"(before{"a":{"S":"x"}})");
}

TEST_CASE("an attribute needs a name") {
  const auto item = from_text(R"({"":{"S":"x"}})");
  REQUIRE_FALSE(item.has_value());
  CHECK(item.error().defect == ValueDefect::kEmptyAttributeName);
}

TEST_CASE("nesting is limited to 32 levels, the attribute itself being the first") {
  CHECK(from_text(nested(31)).has_value());
  const auto item = from_text(nested(32));
  REQUIRE_FALSE(item.has_value());
  CHECK(item.error().defect == ValueDefect::kNestingTooDeep);
  CHECK(from_text(nested(400)).error().defect == ValueDefect::kNestingTooDeep);
}

TEST_CASE("attributes are found by scanning") {
  const Item item =
      from_text(R"({"a":{"S":"}\"{"},"b\"":{"L":[{"S":"]"},{"M":{"c":{"N":"1"}}}]},"c":{"NULL":true},
                                  "d\\":{"S":"\\"},"n\n":{"SS":["x"]},"z":{"B":"AA=="}})")
          .value();
  CHECK(find_attribute(item.text, "a") == R"({"S":"}\"{"})");
  CHECK(find_attribute(item.text, "b\"") == R"({"L":[{"S":"]"},{"M":{"c":{"N":"1"}}}]})");
  CHECK(find_attribute(item.text, "c") == R"({"NULL":true})");
  CHECK(find_attribute(item.text, "d\\") == R"({"S":"\\"})");
  CHECK(find_attribute(item.text, "n\n") == R"({"SS":["x"]})");
  CHECK(find_attribute(item.text, "z") == R"({"B":"AA=="})");
  for (const std::string name : {"", "A", "b", "bb", "d", "n", "zz", "S"}) {
    INFO(name);
    CHECK_FALSE(find_attribute(item.text, name).has_value());
  }
  CHECK_FALSE(find_attribute("{}", "a").has_value());
}

TEST_CASE("a cursor walks the attributes") {
  AttributeCursor cursor(R"({"a":{"S":"1"},"b\"":{"M":{}}})");
  std::string_view name, value;
  REQUIRE(cursor.next(&name, &value));
  CHECK(name == "a");
  CHECK(value == R"({"S":"1"})");
  REQUIRE(cursor.next(&name, &value));
  CHECK(name == R"(b\")");
  CHECK(value == R"({"M":{}})");
  CHECK_FALSE(cursor.next(&name, &value));
  CHECK_FALSE(cursor.next(&name, &value));
  CHECK_FALSE(AttributeCursor("{}").next(&name, &value));
  CHECK_FALSE(AttributeCursor("").next(&name, &value));
}

TEST_CASE("text that is not canonical is corrupt") {
  const auto text = GENERATE(values<std::string>({
      "",
      "{",
      "}",
      "[]",
      "{}x",
      R"({"a")",
      R"({"a":})",
      R"({"a":{"S":"x"})",
      R"({"a":{"S":"x"}},)",
      R"({"a":{"S":"x"},})",
      R"({"a":{"X":"x"}})",
      R"({"a":{"S":"x","N":"1"}})",
      R"({"a":{"N":"x"}})",
      R"({"a":{"B":"A"}})",
      R"({"a":{"BOOL":1}})",
      R"({"a":{"NULL":false}})",
      R"({"a":{"S":"\x"}})",
      R"({"a":{"S":"\u12"}})",
      R"({"a":{"S":"\)",
      R"({"a": {"S":"x"}})",
      R"({"a":{"L":[{"S":"x"},]}})",
      R"({"a":{"SS":["x")",
      R"({"a":{"M":{"k":1}}})",
  }));
  INFO(text);
  const auto item = parse_item(text);
  REQUIRE_FALSE(item.has_value());
  CHECK(item.error().code == ErrorCode::kCorruption);
}

TEST_CASE("damaged text nested without end does not exhaust the stack") {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += R"({"L":[)";
  CHECK_FALSE(parse_value(text).has_value());
  CHECK(value_text_size_bytes(text) == 0);
  CHECK_FALSE(find_attribute("{\"a\":" + text, "b").has_value());
}

}  // namespace
}  // namespace tidemark::model

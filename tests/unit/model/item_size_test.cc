#include "model/item_size.h"

#include "model/item.h"
#include "tests/support/catch.h"

namespace tidemark::model {
namespace {

TEST_CASE("size of values") {
  struct Case {
    std::string text;
    std::uint32_t bytes;
  };
  const auto c = GENERATE(values<Case>({
      {R"({"S":""})", 0},
      {R"({"S":"abc"})", 3},
      {"{\"S\":\"\xc3\xa4\"}", 2},
      {R"({"S":"\"\\\n\u0001x"})", 5},
      {R"({"N":"0"})", 1},
      {R"({"N":"123456"})", 4},
      {R"({"N":"-3.14159"})", 6},
      {R"({"N":"0.0000001"})", 2},
      {R"({"N":"100000"})", 2},
      {R"({"B":""})", 0},
      {R"({"B":"AA=="})", 1},
      {R"({"B":"AAE="})", 2},
      {R"({"BOOL":true})", 1},
      {R"({"BOOL":false})", 1},
      {R"({"NULL":true})", 1},
      {R"({"SS":["a","bc"]})", 3},
      {R"({"NS":["0","1","-1"]})", 1 + 2 + 3},
      {R"({"BS":["AA==","AAE="]})", 3},
      {R"({"L":[]})", 3},
      {R"({"L":[{"S":"ab"},{"NULL":true}]})", 3 + (1 + 2) + (1 + 1)},
      {R"({"M":{}})", 3},
      {R"({"M":{"k\n":{"S":"ab"},"z":{"L":[]}}})", 3 + (1 + 2 + 2) + (1 + 1 + 3)},
  }));
  INFO(c.text);
  CHECK(value_size_bytes(parse_value(c.text).value()) == c.bytes);
  CHECK(value_text_size_bytes(c.text) == c.bytes);
}

TEST_CASE("an item is the sum of its names and values") {
  AttributeMap item;
  CHECK(item_size_bytes(item) == 0);
  item["pk"].data = std::string("abc");
  item["\xc3\xa4"].data = Null{};
  CHECK(item_size_bytes(item) == 2 + 3 + 2 + 1);
}

TEST_CASE("write units are 1 KB each, at least one") {
  struct Case {
    std::uint32_t size_bytes;
    std::uint32_t units;
  };
  const auto c = GENERATE(values<Case>({{0, 1}, {1, 1}, {1'024, 1}, {1'025, 2}, {409'600, 400}}));
  CHECK(write_units(c.size_bytes) == c.units);
}

}  // namespace
}  // namespace tidemark::model

// Rows of comma-separated values: RFC 4180, and the flattening that csv_writer.h promises.
#include "transfer/format/csv_writer.h"

#include "tests/support/catch.h"

namespace tidemark::transfer::format {
namespace {

std::string row_of(const std::vector<std::string>& columns, const std::string& item) {
  std::string out;
  csv_writer(columns)->append_item(item, &out);
  return out;
}

}  // namespace

TEST_CASE("a value as a field") {
  struct Case {
    const char* why;
    std::string value;
    std::string field;
  };
  const auto c = GENERATE(values<Case>({
      {"text", R"({"S":"plain text"})", "plain text"},
      {"a delimiter", R"({"S":"a,b"})", "\"a,b\""},
      {"a quote", R"({"S":"a\"b"})", "\"a\"\"b\""},
      {"line ends", R"({"S":"a\r\nb"})", "\"a\r\nb\""},
      {"a blank in front", R"({"S":" a"})", "\" a\""},
      {"a blank behind", R"({"S":"a "})", "\"a \""},
      {"empty text", R"({"S":""})", "\"\""},
      {"a number", R"({"N":"-12.5"})", "-12.5"},
      {"binary", R"({"B":"AAH/"})", "AAH/"},
      {"true", R"({"BOOL":true})", "true"},
      {"false", R"({"BOOL":false})", "false"},
      {"null", R"({"NULL":true})", ""},
      {"a set of texts", R"({"SS":["a","b"]})", R"("[""a"",""b""]")"},
      {"a set of numbers", R"({"NS":["1","2.5"]})", "\"[1,2.5]\""},
      {"a set of one number", R"({"NS":["1"]})", "[1]"},
      {"a set of binaries", R"({"BS":["AQ=="]})", R"("[""AQ==""]")"},
      {"a list", R"({"L":[{"NULL":true},{"BOOL":true}]})", "\"[null,true]\""},
      {"an empty map", R"({"M":{}})", "{}"},
      {"a map", R"({"M":{"k":{"L":[{"N":"1"}]}}})", R"("{""k"":[1]}")"},
  }));
  INFO(c.why);
  CHECK(row_of({"pk", "v", "x"}, R"({"pk":{"S":"p"},"v":)" + c.value + "}") == "p," + c.field + ",\r\n");
}

TEST_CASE("the header, and items whose attributes are in no column") {
  std::string out;
  csv_writer({"pk", "a,b", "c"})->append_head(&out);
  CHECK(out == "pk,\"a,b\",c\r\n");
  CHECK(row_of({"pk"}, R"({"other":{"S":"x"},"pk":{"S":"p"}})") == "p\r\n");
}

TEST_CASE("columns are the key's, then all others by name") {
  CsvColumns columns({"pk", "sk"});
  REQUIRE(columns.add_item(R"({"b":{"S":"x"},"pk":{"S":"p"},"sk":{"N":"1"}})"));
  CsvColumns more({"pk", "sk"});
  REQUIRE(more.add_item(R"({"a":{"S":"x"},"b":{"S":"x"},"pk":{"S":"q"}})"));
  REQUIRE(columns.add(more));
  CHECK(columns.names() == std::vector<std::string>{"pk", "sk", "a", "b"});
}

TEST_CASE("there are not more columns than a reader can be asked to take") {
  CsvColumns columns({"pk"});
  for (std::size_t i = 0; i < CsvColumns::kColumnsMax; ++i) {
    REQUIRE(columns.add_item(R"({"c)" + std::to_string(i) + R"(":{"BOOL":true}})"));
  }
  const auto refused = columns.add_item(R"({"one more":{"BOOL":true}})");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kInvalidArgument);
  CHECK(refused.error().message ==
        "The items have more than 10000 different attributes, which is too many for columns.");
}

}  // namespace tidemark::transfer::format

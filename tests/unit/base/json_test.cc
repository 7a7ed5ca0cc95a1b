#include "base/json.h"

#include <limits>

#include "tests/support/catch.h"

namespace tidemark::json {
namespace {

TEST_CASE("every type of value") {
  Document document;
  const Value root =
      document
          .parse(R"({"s":"text","t":true,"f":false,"n":null,"i":-5,"d":1.5,"a":[1,"x",{}],"o":{"k":"v"}})")
          .value();
  REQUIRE(root.is_object());
  CHECK(root.size() == 8);
  CHECK(root.find("s")->string() == "text");
  CHECK(root.find("t")->boolean());
  CHECK_FALSE(root.find("f")->boolean());
  CHECK(root.find("i")->type() == Type::kInteger);
  CHECK(root.find("i")->integer() == -5);
  CHECK(root.find("i")->decimal() == -5.0);
  CHECK(root.find("d")->type() == Type::kDecimal);
  CHECK(root.find("d")->decimal() == 1.5);
  CHECK(root.find("a")->size() == 3);
  CHECK(root.find("o")->find("k")->string() == "v");
}

TEST_CASE("members come in document order, repeated ones too") {
  Document document;
  const Value root = document.parse(R"({"b":[[],[1]],"a":{"x":{}},"b":2})").value();
  std::string seen;
  std::string_view name;
  Value value;
  for (ObjectCursor cursor = root.members(); cursor.next(&name, &value);) {
    seen.append(name).append(value.is_array() ? "[" : (value.is_object() ? "{" : "."));
  }
  CHECK(seen == "b[a{b.");
}

TEST_CASE("elements come in order") {
  Document document;
  const Value root = document.parse(R"([1,[2,3],"4",null])").value();
  std::string seen;
  Value value;
  for (ArrayCursor cursor = root.elements(); cursor.next(&value);) {
    seen.push_back(value.is_null() ? 'n' : (value.is_string() ? 's' : (value.is_array() ? 'a' : 'i')));
  }
  CHECK(seen == "iasn");
}

TEST_CASE("find: the last one wins and null counts as absent") {
  Document document;
  const Value root = document.parse(R"({"a":1,"a":2,"b":1,"b":null,"c":null})").value();
  CHECK(root.find("a")->integer() == 2);
  CHECK_FALSE(root.find("b").has_value());
  CHECK_FALSE(root.find("c").has_value());
  CHECK_FALSE(root.find("d").has_value());
}

TEST_CASE("integers are clamped to 64 bits") {
  Document document;
  const Value root =
      document.parse("[9223372036854775807,9223372036854775808,18446744073709551615,-9223372036854775808]")
          .value();
  std::vector<std::int64_t> seen;
  Value value;
  for (ArrayCursor cursor = root.elements(); cursor.next(&value);) seen.push_back(value.integer());
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  CHECK(seen == std::vector<std::int64_t>{kMax, kMax, kMax, std::numeric_limits<std::int64_t>::min()});
}

TEST_CASE("escapes are undone") {
  Document document;
  CHECK(document.parse(R"("a\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00")").value().string() ==
        "a\"\\/\b\f\n\r\t\xc3\xa4\xf0\x9f\x98\x80");
  CHECK(document.parse(R"({"\u0061":"\u0000"})").value().find("a")->string() == std::string_view("\0", 1));
}

TEST_CASE("what is not one JSON value is refused") {
  const auto text = GENERATE(values<std::string>({
      "",      " ",  "{",  "{]", "{\"a\":}", "{\"a\":1,}", "[1,]",     "{} {}",       "nul", "'a'",
      "{a:1}", "01", "1.", "+1", "\"\x01\"", "\"\\x\"",    "\"\xff\"", "\"\\ud800\"", "NaN", "\"unclosed",
  }));
  INFO(text);
  Document document;
  const auto parsed = document.parse(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == ErrorCode::kInvalidArgument);
  CHECK(document.parse("[1]").value().size() == 1);  // the document can be used again
}

TEST_CASE("depth is limited") {
  Document document;
  CHECK(document.parse(std::string(1'000, '[') + std::string(1'000, ']')).has_value());
  CHECK_FALSE(document.parse(std::string(1'100, '[') + std::string(1'100, ']')).has_value());
  CHECK_FALSE(document.parse(std::string(1'000'000, '[')).has_value());
}

TEST_CASE("the text may go away, and the document is used again and again") {
  Document document;
  for (int round = 0; round < 5; ++round) {
    for (const std::size_t size : {10U, 5'000U, 3'000'000U}) {
      std::string text = "\"" + std::string(size, 'x') + "\"";
      const Value value = document.parse(text).value();
      text.assign(text.size(), 'y');
      CHECK(value.string() == std::string(size, 'x'));
    }
  }
  Document moved = std::move(document);
  CHECK(moved.parse("[1,2]").value().size() == 2);
}

}  // namespace
}  // namespace tidemark::json

#include "base/json_writer.h"

#include <limits>

#include "base/json.h"
#include "base/random.h"
#include "tests/support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("objects and arrays nest with commas where they belong") {
  std::string out = "prefix ";
  JsonWriter json(&out);
  json.begin_object();
  json.member("a", "x");
  json.key("b");
  json.begin_array();
  json.number(1);
  json.begin_object();
  json.end_object();
  json.begin_array();
  json.end_array();
  json.null();
  json.end_array();
  json.member("c", true);
  json.member("d", std::int64_t{-7});
  json.key("e");
  json.raw("{\"raw\":1}");
  json.member("f", Timestamp::from_millis(1'500));
  json.end_object();
  CHECK(out == R"(prefix {"a":"x","b":[1,{},[],null],"c":true,"d":-7,"e":{"raw":1},"f":1.5})");
}

TEST_CASE("strings have the escapes that JSON requires and no others") {
  struct Case {
    std::string text, json;
  };
  const auto c = GENERATE(values<Case>({
      {"", R"("")"},
      {"plain / text with 'quotes' and \x7f", "\"plain / text with 'quotes' and \x7f\""},
      {"\"\\", R"("\"\\")"},
      {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {std::string("\0\x01\x1f", 3), R"("\u0000\u0001\u001f")"},
      {"\xc3\xa4\xf0\x9f\x98\x80", "\"\xc3\xa4\xf0\x9f\x98\x80\""},
      {"long enough for a step of eight\n", "\"long enough for a step of eight\\n\""},
  }));
  std::string out;
  append_json_string(&out, c.text);
  CHECK(out == c.json);
}

TEST_CASE("any bytes of ASCII survive the way through a string, at any place") {
  json::Document document;
  SeededRandom random(3);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    const std::uint64_t size = random.next() % 40;
    for (std::uint64_t i = 0; i < size; ++i) {
      // Mostly letters, so that a special character meets every position of a step.
      text.push_back(random.next() % 8 == 0 ? static_cast<char>(random.next() % 128) : 'a');
    }
    std::string out;
    append_json_string(&out, text);
    CHECK(document.parse(out).value().string() == text);
  }
}

TEST_CASE("decimals") {
  struct Case {
    double value;
    std::string json;
  };
  const auto c = GENERATE(values<Case>({
      {0.0, "0.0"},
      {1.0, "1.0"},
      {-2.5, "-2.5"},
      {0.1, "0.1"},
      {1e22, "1e+22"},
      {5e-324, "5e-324"},
      {std::numeric_limits<double>::infinity(), "null"},
      {std::numeric_limits<double>::quiet_NaN(), "null"},
  }));
  std::string out;
  JsonWriter json(&out);
  json.decimal(c.value);
  CHECK(out == c.json);
}

TEST_CASE("epoch seconds have up to three digits of fraction") {
  struct Case {
    std::int64_t micros;
    std::string text;
  };
  const auto c = GENERATE(values<Case>({
      {1'767'225'600'123'999, "1767225600.123"},
      {1'767'225'600'000'999, "1767225600"},
      {1'767'225'600'120'000, "1767225600.12"},
      {1'767'225'600'005'000, "1767225600.005"},
      {0, "0"},
      {-1'500'000, "-1.5"},
  }));
  std::string out;
  append_epoch_seconds(&out, {c.micros});
  CHECK(out == c.text);
}

}  // namespace
}  // namespace tidemark

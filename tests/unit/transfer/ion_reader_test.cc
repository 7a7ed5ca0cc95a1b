#include <string>
#include <vector>

#include "base/bytes.h"
#include "tests/support/catch.h"
#include "tests/unit/transfer/record_outcomes.h"
#include "transfer/format/ion_parser.h"
#include "transfer/format/record_stream.h"
#include "transfer/format/record_writer.h"

namespace tidemark::transfer::format {
namespace {

std::string outcomes(std::string_view text, std::size_t piece_bytes) {
  RecordStream stream(InputCompression::kNone, ion_reader());
  return record_outcomes(stream, text, piece_bytes);
}

const std::string kItem = R"({"pk":{"S":"a"}})"
                          "\n";
constexpr const char* kUnexpected = "abandoned: Unexpected token\n";
constexpr const char* kNoItem = "abandoned: Expected 'Item' top level container\n";
constexpr const char* kCut = "abandoned: The file ends inside an item\n";

TEST_CASE("structs of Ion text become items, however the bytes arrive") {
  struct Case {
    const char* why;
    std::string text;
    std::string outcomes;
  };
  const auto c = GENERATE(values<Case>({
      {"an empty file", "", ""},
      {"a marker alone", "$ion_1_0\n", ""},
      {"a line of an export", "$ion_1_0 {Item:{pk:\"a\"}}\n", kItem},
      {"with the blank in front", " $ion_1_0 {Item:{pk:\"a\"}}\n $ion_1_0 {Item:{pk:\"a\"}}\n",
       kItem + kItem},
      {"without markers, on one line, without end", "{Item:{pk:\"a\"}}{Item:{pk:\"a\"}}", kItem + kItem},
      {"a list under one marker", "$ion_1_0 [{Item:{pk:\"a\"}}, {Item:{pk:\"a\"}},]\n{Item:{pk:\"a\"}}",
       kItem + kItem + kItem},
      {"an empty list", "[]{Item:{pk:\"a\"}}", kItem},
      {"blanks and comments", "/* a */ { // b\n Item /**/ : { 'pk' : '''a''' , } , other : [1, 2] }\n//",
       kItem},
      {"a byte order mark", "\xef\xbb\xbf{Item:{pk:\"a\"}}", kItem},
      {"names as strings", "{\"Item\":{'''p''' '''k''':\"a\"}}", kItem},
      {"annotations around it", "x::'y z'::{Item:z::{pk:w::\"a\"}}", kItem},
      {"the last of two of a name", "{Item:{pk:\"b\",pk:\"a\"}}", kItem},
      {"a symbol table",
       "$ion_1_0 $ion_symbol_table::{symbols:[\"Item\",\"pk\"]} {$10:{$11:\"a\"}} "
       "$ion_symbol_table::{imports:$ion_symbol_table,symbols:[\"q\"]} {$10:{$11:\"a\",$12:$4}}",
       kItem + "bad: An Ion symbol is no attribute value\n"},
      {"a shared table that nobody has",
       "$ion_symbol_table::{imports:[{name:\"s\",version:1,max_id:2}],symbols:[\"pk\"]} "
       "{Item:{$12:\"a\"}} {Item:{$10:\"a\"}} {Item:{pk:\"a\"}}",
       kItem + "bad: An Ion symbol has no text: its shared symbol table is not known\n" + kItem},
      {"a symbol that is not there", "{Item:{$10:\"a\"}}", kUnexpected},
      {"no Item", "{item:{pk:\"a\"}} {Item:{pk:\"a\"}}", kNoItem},
      {"an Item that is no struct", "{Item:[1]}", kNoItem},
      {"a change of an incremental export", "$ion_1_0 {Record:{Keys:{pk:\"a\"}}}\n", kNoItem},
      {"no struct", "{Item:{pk:\"a\"}} 5 {Item:{pk:\"a\"}}", kItem + kNoItem},
      {"JSON is Ion, but DynamoDB JSON is another item", "{\"Item\":{\"pk\":{\"S\":\"a\"}}}",
       "{\"pk\":{\"M\":{\"S\":{\"S\":\"a\"}}}}\n"},
      {"compressed bytes that were said to be plain", "\x1f\x8b\x08 something", kUnexpected},
      {"another version", "$ion_1_1 {Item:{pk:\"a\"}}", kUnexpected},
      {"a struct that does not end", "{Item:{pk:\"a\"}} {Item:{pk:\"a\"}", kItem + kCut},
      {"a list that does not end", "[{Item:{pk:\"a\"}},", kItem + kCut},
      {"a comment that does not end", "{Item:{pk:\"a\"}} /* {Item:{pk:\"a\"}}", kItem + kCut},
      {"a comma too many", "{Item:{pk:\"a\",,}}", kUnexpected},
      {"elements without a comma", "[{Item:{pk:\"a\"}} {Item:{pk:\"a\"}}]", kItem + kUnexpected},
      {"a line feed in a short string", "{Item:{pk:\"a\n\"}}", kUnexpected},
      {"half a surrogate pair", "{Item:{pk:\"\\ud83d\"}}", kUnexpected},
      {"a string that is not UTF-8", "{Item:{pk:\"\xff\"}}", kUnexpected},
      {"an item that cannot be, and one behind it", "{Item:{pk:nan}} {Item:{pk:\"a\"}}",
       "bad: The parameter cannot be converted to a numeric value: nan\n" + kItem},
      {"an s-expression", "{Item:{pk:(a + -1 [(b)])}} {Item:{pk:\"a\"}}",
       "bad: An Ion s-expression is no attribute value\n" + kItem},
  }));
  INFO(c.why);
  const auto piece = GENERATE(1, 2, 7, 4096);
  CHECK(outcomes(c.text, static_cast<std::size_t>(piece)) == c.outcomes);
}

TEST_CASE("values of Ion text") {
  struct Case {
    std::string ion;
    std::string value;  // canonical; or what is said
  };
  const auto c = GENERATE(values<Case>({
      {"\"\"", R"({"S":""})"},
      {R"("a\n\t\"\\\/\x41é\U0001F600\
b\0")",
       R"({"S":"a\n\t\"\\/Aé😀b\u0000"})"},
      {R"("😀")", R"({"S":"😀"})"},
      {"'''a\r\nb''' /**/ '''c\\''d'''", R"({"S":"a\nbc''d"})"},
      {"0", R"({"N":"0"})"},
      {"-0.", R"({"N":"0"})"},
      {"1_000", R"({"N":"1000"})"},
      {"-12.50", R"({"N":"-12.5"})"},
      {"103.", R"({"N":"103"})"},
      {"6d2", R"({"N":"600"})"},
      {"25D-9", R"({"N":"0.000000025"})"},
      {"1.5e2", R"({"N":"150"})"},
      {"0.1e0", R"({"N":"0.1"})"},
      {"0xFF", R"({"N":"255"})"},
      {"-0b1010_0001", R"({"N":"-161"})"},
      {"0xFFFFFFFFFFFFFFFFFFFF", R"({"N":"1208925819614629174706175"})"},
      {"12345678901234567890123456789012345678", R"({"N":"12345678901234567890123456789012345678"})"},
      {"123456789012345678901234567890123456789",
       "Attempting to store more than 38 significant digits in a Number"},
      {"1d126", "Number overflow. Attempting to store a number with magnitude larger than supported range"},
      {"{{}}", R"({"B":""})"},
      {"{{ aGVs\n bG8= }}", R"({"B":"aGVsbG8="})"},
      {"true", R"({"BOOL":true})"},
      {"false", R"({"BOOL":false})"},
      {"null", R"({"NULL":true})"},
      {"null.string", R"({"NULL":true})"},
      {"[]", R"({"L":[]})"},
      {"[\"x\",1.,[null]]", R"({"L":[{"S":"x"},{"N":"1"},{"L":[{"NULL":true}]}]})"},
      {"{b:1,a:{}}", R"({"M":{"a":{"M":{}},"b":{"N":"1"}}})"},
      {"{'':1}", R"({"M":{"":{"N":"1"}}})"},
      {"$dynamodb_SS::[\"b\",\"a\"]", R"({"SS":["a","b"]})"},
      {"'$dynamodb_NS'::[2,1.0]", R"({"NS":["1","2"]})"},
      {"$dynamodb_BS::[{{AQ==}}]", R"({"BS":["AQ=="]})"},
      {"other::[\"a\"]", R"({"L":[{"S":"a"}]})"},
      {"$dynamodb_SS::[]", "One or more parameter values were invalid: An string set  may not be empty"},
      {"$dynamodb_SS::[1]", "One or more parameter values were invalid: A set has a member of another type"},
      {"word", "An Ion symbol is no attribute value"},
      {"'true'", "An Ion symbol is no attribute value"},
      {"2024-01-01T00:00Z", "An Ion timestamp is no attribute value"},
      {"2024T", "An Ion timestamp is no attribute value"},
      {"{{ \"clob\" }}", "An Ion clob is no attribute value"},
      {"{{ '''c''' '''d''' }}", "An Ion clob is no attribute value"},
  }));
  INFO(c.ion);
  const auto piece = static_cast<std::size_t>(GENERATE(1, 4096));
  const std::string expected =
      c.value.starts_with('{') ? "{\"v\":" + c.value + "}\n" : "bad: " + c.value + "\n";
  CHECK(outcomes("{Item:{v:" + c.ion + "}}\n{Item:{pk:\"a\"}}", piece) == expected + kItem);
}

TEST_CASE("values that are no Ion end the file") {
  const std::string value =
      GENERATE("01", "1__", "1e", "0x", "-", "+1", ".5", "\"", "{{a}}", "{{AA==}", "null.x", "$99", "[1 2]",
               "{a 1}", "{1:2}", "\"\\q\"", "*", "a::", "1.5.2", "12ab");
  INFO(value);
  const std::string found = outcomes("{Item:{v:" + value + "}}\n{Item:{pk:\"a\"}}\n", 4096);
  CHECK((found == kUnexpected || found == kCut));
}

TEST_CASE("deep nesting is refused, very deep nesting ends the file") {
  const auto nested = [](std::size_t levels) {
    return "{Item:{v:" + std::string(levels, '[') + std::string(levels, ']') + "}}\n{Item:{pk:\"a\"}}";
  };
  CHECK(outcomes(nested(31), 4096).ends_with(kItem));
  CHECK(outcomes(nested(31), 4096).starts_with("{"));
  CHECK(outcomes(nested(100), 4096).starts_with("bad: Nesting Levels have exceeded supported limits"));
  CHECK(outcomes(nested(100), 4096).ends_with(kItem));
  CHECK(outcomes(nested(100'000), 4096) == kUnexpected);
}

std::string bytes(std::string_view hex) { return *from_hex(hex); }

// {symbols:["Item","pk","v"]}, annotated: 10, 11 and 12.
const std::string kTable = bytes(
    "e00100ea"
    "ee918183"
    "de8d87be8a844974656d82706b8176");

// {Item:{v:<value>}}
std::string binary_item(const std::string& value) {
  const auto structure = [](const std::string& content) {
    return "\xde" + std::string(1, static_cast<char>(0x80 | content.size())) + content;
  };
  return structure("\x8a" + structure("\x8c" + value));
}

TEST_CASE("values of binary Ion") {
  struct Case {
    const char* hex;
    std::string value;
  };
  const auto c = GENERATE(values<Case>({
      {"80", R"({"S":""})"},
      {"8161", R"({"S":"a"})"},
      {"8e8161", R"({"S":"a"})"},
      {"0f", R"({"NULL":true})"},
      {"8f", R"({"NULL":true})"},
      {"10", R"({"BOOL":false})"},
      {"11", R"({"BOOL":true})"},
      {"20", R"({"N":"0"})"},
      {"2203e8", R"({"N":"1000"})"},
      {"3101", R"({"N":"-1"})"},
      {"2affffffffffffffffffff", R"({"N":"1208925819614629174706175"})"},
      {"40", R"({"N":"0"})"},
      {"443e800000", R"({"N":"0.25"})"},
      {"483fb999999999999a", R"({"N":"0.1"})"},
      {"487ff8000000000000", "The parameter cannot be converted to a numeric value: nan"},
      {"50", R"({"N":"0"})"},
      {"52c17d", R"({"N":"12.5"})"},
      {"52c1fd", R"({"N":"-12.5"})"},
      {"528206", R"({"N":"600"})"},
      {"a0", R"({"B":""})"},
      {"a20001", R"({"B":"AAE="})"},
      {"b0", R"({"L":[]})"},
      {"b38161"
       "11",
       R"({"L":[{"S":"a"},{"BOOL":true}]})"},
      {"d0", R"({"M":{}})"},
      {"d38b8161", R"({"M":{"pk":{"S":"a"}}})"},
      {"d1838b8161", R"({"M":{"pk":{"S":"a"}}})"},
      {"d58000"
       "8b8161",
       R"({"M":{"pk":{"S":"a"}}})"},  // a pad in front
      {"e4818a"
       "8161",
       R"({"S":"a"})"},
      {"710a", "An Ion symbol is no attribute value"},
      {"65c00fd08181", "An Ion timestamp is no attribute value"},
      {"9161", "An Ion clob is no attribute value"},
      {"c111", "An Ion s-expression is no attribute value"},
  }));
  INFO(c.hex);
  const auto piece = static_cast<std::size_t>(GENERATE(1, 3, 4096));
  const std::string expected =
      c.value.starts_with('{') ? "{\"v\":" + c.value + "}\n" : "bad: " + c.value + "\n";
  const std::string item = binary_item(bytes("8161"));
  CHECK(outcomes(kTable + binary_item(bytes(c.hex)) + item, piece) == expected + "{\"v\":{\"S\":\"a\"}}\n");
}

TEST_CASE("binary Ion by the whole file") {
  const std::string item = binary_item(bytes("8161"));
  const std::string text = "{\"v\":{\"S\":\"a\"}}\n";
  struct Case {
    const char* why;
    std::string bytes;
    std::string outcomes;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"a marker alone", bytes("e00100ea"), ""},
      {"one after the other", kTable + item + item, text + text},
      {"another table behind another marker", kTable + item + kTable + item, text + text},
      {"the symbols go with a marker", kTable + item + bytes("e00100ea") + item, text + kUnexpected},
      {"pads", kTable + bytes("03010203") + item + bytes("00"), text},
      {"a list", kTable + "\xbe" + static_cast<char>(0x80 | 2 * item.size()) + item + item + item,
       text + text + text},
      {"an empty list", kTable + "\xb0" + item, text},
      {"an annotated list",
       kTable + "\xee" + static_cast<char>(0x80 | (item.size() + 4)) + bytes("818a") + "\xbe" +
           static_cast<char>(0x80 | item.size()) + item,
       text},
      {"a list that is too short for its element", kTable + "\xb2" + item, kUnexpected},
      {"cut", kTable + item + item.substr(0, item.size() - 1), text + kCut},
      {"a list that is cut", kTable + "\xbe\xff" + item, text + kCut},
      {"another version", bytes("e00100ea") + bytes("e00101ea"), kUnexpected},
      {"no struct", kTable + bytes("2101") + item, kNoItem},
      {"null.struct", kTable + bytes("df") + item, kNoItem},
      {"no Item", kTable + bytes("d0") + item, kNoItem},
      {"a struct longer than its place",
       kTable + bytes("d38a"
                      "d5"
                      "8c"),
       kUnexpected},
      {"a length beyond all measure", kTable + bytes("de7f7f7f7f7f7f7f7fff"), kUnexpected},
      {"a reserved type", kTable + bytes("f0"), kUnexpected},
  }));
  INFO(c.why);
  const auto piece = static_cast<std::size_t>(GENERATE(1, 3, 4096));
  CHECK(outcomes(c.bytes, piece) == c.outcomes);
}

TEST_CASE("natural numbers of any size in decimal") {
  struct Case {
    const char* hex;
    std::string decimal;
  };
  const auto c = GENERATE(values<Case>({
      {"", "0"},
      {"0000", "0"},
      {"ffffffffffffffff", "18446744073709551615"},
      {"00010000000000000000", "18446744073709551616"},
      {"0de0b6b3a7640000", "1000000000000000000"},
      {"4b3b4ca85a86c47a098a224000000000", "100000000000000000000000000000000000000"},
  }));
  std::string out;
  REQUIRE(append_decimal(&out, bytes(c.hex)));
  CHECK(out == c.decimal);
  CHECK(!append_decimal(&out, std::string(60, '\xff')));
}

TEST_CASE("what the export writes the import reads") {
  const std::string item =
      R"({"a\"b'c\\":{"S":"\u0000\u0001\b\t\n\f\r'\"\\é😀"},"b":{"B":"AAECAw=="},"bs":{"BS":["","AA=="]},)"
      R"("f":{"BOOL":false},"l":{"L":[{"NULL":true},{"M":{"":{"N":"-0.000000001"},"null":{"S":""}}}]},)"
      R"("n":{"N":"12345678901234567890.123456789"},"ns":{"NS":["-1","0","100000000000000000000"]},)"
      R"("pk":{"S":"a"},"ss":{"SS":["","'''","x y"]},"t":{"BOOL":true}})";
  std::string line;
  ion_writer()->append_item(item, &line);
  const auto piece = static_cast<std::size_t>(GENERATE(1, 5, 4096));
  CHECK(outcomes(line + line, piece) == item + "\n" + item + "\n");
}

TEST_CASE("a value of Ion without end is not kept in memory") {
  const std::string start = GENERATE("{Item:{pk:\"", "{Item:{pk:[", "/*");
  const auto reader = ion_reader();
  const std::string block(1 << 20, start == "{Item:{pk:[" ? '[' : 'x');
  model::Item item;
  std::string message;
  reader->feed(start);
  auto outcome = reader->next(&item, &message);
  for (int i = 0; i < 33 && outcome == RecordReader::Outcome::kNeedMore; ++i) {
    reader->feed(block);
    outcome = reader->next(&item, &message);
  }
  CHECK(outcome == RecordReader::Outcome::kAbandon);
}

}  // namespace
}  // namespace tidemark::transfer::format

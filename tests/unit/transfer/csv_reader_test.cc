#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/transfer/record_outcomes.h"
#include "transfer/format/record_stream.h"

namespace tidemark::transfer::format {
namespace {

const std::vector<model::AttributeDefinition> kTyped = {
    {"pk", model::KeyType::kString}, {"sk", model::KeyType::kNumber}, {"bin", model::KeyType::kBinary}};

std::string outcomes(const std::string& text, std::size_t piece_bytes, const CsvOptions& options = {}) {
  RecordStream stream(InputCompression::kNone, csv_reader(options, kTyped));
  return record_outcomes(stream, text, piece_bytes);
}

constexpr const char* kBadQuote =
    "abandoned: Fields with quotes in them must be quoted, and the quotes in them doubled\n";
const std::string kFirst = R"({"a":{"S":"x"},"pk":{"S":"1"}})" + std::string("\n");

TEST_CASE("rows become items, however the bytes arrive") {
  struct Case {
    const char* why;
    std::string text;
    std::string outcomes;
  };
  const auto c = GENERATE(values<Case>({
      {"an empty file", "", ""},
      {"a header alone", "pk,a\n", ""},
      {"one row", "pk,a\n1,x\n", kFirst},
      {"no line feed at the end", "pk,a\n1,x", kFirst},
      {"CRLF", "pk,a\r\n1,x\r\n", kFirst},
      {"CR", "pk,a\r1,x\r", kFirst},
      {"a byte order mark", "\xef\xbb\xbfpk,a\n1,x\n", kFirst},
      {"empty lines", "\n\npk,a\n\n1,x\n\r\n\n", kFirst},
      {"names ascend, whatever the order of the columns", "pk,a\n1,x\n", kFirst},
      {"the types of keys", "pk,sk,bin,n\na,01.50,AAE=,7\n",
       R"({"bin":{"B":"AAE="},"n":{"S":"7"},"pk":{"S":"a"},"sk":{"N":"1.5"}})"
       "\n"},
      {"empty columns are left out, quoted or not", "pk,a,b\n1,,\"\"\n",
       R"({"pk":{"S":"1"}})"
       "\n"},
      {"quotes, delimiters and line feeds in quotes", "pk,a\n1,\"x \"\"y\"\", \n z\"\n",
       R"({"a":{"S":"x \"y\", \n z"},"pk":{"S":"1"}})"
       "\n"},
      {"blanks belong to the field", "pk,a\n1, x \n",
       R"({"a":{"S":" x "},"pk":{"S":"1"}})"
       "\n"},
      {"quoted names", "\"pk\",\"a\"\n\"1\",\"x\"\n", kFirst},
      {"a row that is too short, one that is too long", "pk,a\n1\n1,x,y\n1,x\n",
       "bad: The row has 1 columns, the header 2\nbad: The row has 3 columns, the header 2\n" + kFirst},
      {"a number that is none", "pk,sk\na,one\n",
       "bad: The parameter cannot be converted to a numeric value: one\n"},
      {"bytes that are none", "pk,bin\na,??\n",
       "bad: One or more parameter values were invalid: Not in Base64\n"},
      {"a value that is not UTF-8", "pk,a\n1,\xff\n1,x\n",
       "bad: One or more parameter values were invalid: Not UTF-8\n" + kFirst},
      {"a column without a name", "pk,\n1,x\n2,\n",
       "bad: One or more parameter values were invalid: Empty attribute name\n"
       R"({"pk":{"S":"2"}})"
       "\n"},
      {"a quote in a field", "pk,a\n1,x\n2,a\"b\n3,x\n", kFirst + kBadQuote},
      {"something behind a closing quote", "pk,a\n1,x\n2,\"a\"b\n3,x\n", kFirst + kBadQuote},
      {"a quote that is never closed", "pk,a\n1,x\n2,\"a\n3,x\n", kFirst + kBadQuote},
      {"a column twice", "pk,a,a\n1,x,y\n", "abandoned: The header has a column twice\n"},
      {"compressed bytes that were said to be plain", "\x1f\x8b\x08,\xff\n1,2\n",
       "abandoned: Unexpected token\n"},
  }));
  INFO(c.why);
  const auto piece = GENERATE(1, 2, 7, 4096);
  CHECK(outcomes(c.text, static_cast<std::size_t>(piece)) == c.outcomes);
}

TEST_CASE("a header that is given makes the first line data") {
  const CsvOptions options{.header = {"pk", "a"}};
  CHECK(outcomes("1,x\n1\n", 3, options) == kFirst + "bad: The row has 1 columns, the header 2\n");
  CHECK(outcomes("1,x\n", 3, {.header = {"pk", "pk"}}) == "abandoned: The header has a column twice\n");
}

TEST_CASE("every delimiter that there may be") {
  const char delimiter = GENERATE(',', ';', ':', '|', '\t', ' ');
  const std::string d(1, delimiter);
  CHECK(outcomes("pk" + d + "a\n1" + d + "x\n", 4096, {.delimiter = delimiter}) == kFirst);
  CHECK(outcomes("pk" + d + "a\n1" + d + "\"" + d + "\"\n", 4096, {.delimiter = delimiter}) ==
        R"({"a":{"S":")" + (d == "\t" ? "\\t" : d) + R"("},"pk":{"S":"1"}})" + "\n");
}

TEST_CASE("a row without end is not kept in memory") {
  RecordStream stream(InputCompression::kNone, csv_reader({}, kTyped));
  const std::string start = "pk,a\n1,\"";
  const std::string block(1 << 20, 'x');
  model::Item item;
  std::string message;
  stream.feed(start);
  auto outcome = stream.next(&item, &message);
  for (int i = 0; i < 17 && outcome == RecordStream::Outcome::kNeedMore; ++i) {
    stream.feed(block);
    outcome = stream.next(&item, &message);
  }
  CHECK(outcome == RecordStream::Outcome::kAbandon);
  CHECK(message == "The row is too large");
}

TEST_CASE("so many columns that nobody has them") {
  const std::string header = "pk" + std::string(70'000, ',') + "\n";
  CHECK(outcomes(header + "1\n", 4096) == "abandoned: The header has too many columns\n");
  CHECK(outcomes("pk,a\n" + std::string(1'000'000, ',') + "\n1,x\n", 100'000) ==
        "bad: The row has 1000001 columns, the header 2\n" + kFirst);
}

}  // namespace
}  // namespace tidemark::transfer::format

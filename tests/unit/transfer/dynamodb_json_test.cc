#include "transfer/format/dynamodb_json.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "transfer/format/record_reader.h"

namespace tidemark::transfer::format {
namespace {

// What a reader makes of a file, one letter a record: i item, b bad item, a abandoned.
std::string outcomes(const std::string& text, std::size_t piece_bytes) {
  const auto reader = dynamodb_json_reader();
  std::string found;
  model::Item item;
  std::string message;
  const auto drain = [&] {
    while (true) {
      switch (reader->next(&item, &message)) {
        case RecordReader::Outcome::kItem:
          found += 'i';
          break;
        case RecordReader::Outcome::kBadItem:
          found += 'b';
          break;
        case RecordReader::Outcome::kAbandon:
          found += 'a';
          return false;
        case RecordReader::Outcome::kNeedMore:
          return true;
      }
    }
  };
  for (std::size_t offset = 0; offset < text.size(); offset += piece_bytes) {
    reader->feed(std::string_view(text).substr(offset, piece_bytes));
    if (!drain()) return found;
  }
  reader->end();
  drain();
  return found;
}

TEST_CASE("a file is read record by record, however its bytes arrive") {
  struct Case {
    const char* why;
    std::string text;
    std::string outcomes;
  };
  const std::string item = R"({"Item":{"pk":{"S":"a"}}})";
  const auto c = GENERATE_COPY(values<Case>({
      {"an empty file", "", ""},
      {"white space alone", " \n\r\n\t", ""},
      {"one line", item + "\n", "i"},
      {"no line feed at the end", item, "i"},
      {"two objects on one line", item + item + "\n", "ii"},
      {"an object over several lines", "{\n\"Item\" : {\n\"pk\": {\"S\": \"a\"}\n}\n}\n", "i"},
      {"braces and escaped quotes inside strings",
       R"({"Item":{"pk":{"S":"}\"{\\"}}})"
       "\n" +
           item,
       "ii"},
      {"a number that is none is the item's fault alone",
       R"({"Item":{"pk":{"N":"x"}}})"
       "\n" +
           item,
       "bi"},
      {"text that is no JSON ends the file", item + "\nhello\n" + item, "ia"},
      {"an object without Item ends the file", item + "\n{\"item\":{}}\n" + item, "ia"},
      {"broken JSON ends the file", item + "\n{\"Item\":{bad}}\n" + item, "ia"},
      {"the file ends inside an item", item + "\n{\"Item\":{\"pk\"", "ia"},
      {"compressed bytes that were said to be plain", "\x1f\x8b\x08 something", "a"},
  }));
  INFO(c.why);
  const auto piece = GENERATE(1, 2, 7, 4096);
  CHECK(outcomes(c.text, static_cast<std::size_t>(piece)) == c.outcomes);
}

TEST_CASE("a record that never ends is given up on") {
  JsonObjectSplitter splitter;
  const std::string block(1 << 20, 'x');
  splitter.feed("{\"Item\":{\"pk\":{\"S\":\"");
  std::string_view record;
  auto outcome = JsonObjectSplitter::Outcome::kNeedMore;
  for (int i = 0; i < 17 && outcome == JsonObjectSplitter::Outcome::kNeedMore; ++i) {
    splitter.feed(block);
    outcome = splitter.next(&record);
  }
  CHECK(outcome == JsonObjectSplitter::Outcome::kBroken);
}

TEST_CASE("a record that is too large is refused, whole or in pieces") {
  const std::string head = R"({"Item":{"pk":{"S":")";
  const std::string tail = R"("}}})";
  const std::size_t room = kRecordBytesMax - head.size() - tail.size();
  const std::string largest = head + std::string(room, 'x') + tail;
  const std::string too_large = head + std::string(room + 1, 'x') + tail;
  for (const std::size_t piece_bytes : {too_large.size(), std::size_t{1} << 20}) {
    INFO(piece_bytes);
    // An item of that size is refused by its own rules, the record is read.
    CHECK(outcomes(largest + largest, piece_bytes) == "ii");
    CHECK(outcomes(too_large + largest, piece_bytes) == "a");
  }
}

}  // namespace
}  // namespace tidemark::transfer::format

#include "storage/store/keys.h"

#include <string>

#include "tests/support/catch.h"

namespace tidemark::storage {
namespace {

using namespace std::string_literals;

std::string component(std::string_view bytes) {
  std::string out;
  append_component(&out, bytes);
  return out;
}

TEST_CASE("key components keep the order of their values") {
  struct Case {
    const char* why;
    std::string smaller, larger;
  };
  const auto c = GENERATE(values<Case>({
      {"a prefix sorts first", "a", "ab"},
      {"a prefix sorts before 0x00", "a", "a\0"s},
      {"0x00 sorts before 0x01", "a\0"s, "a\1"s},
      {"0x00 inside sorts before the next byte", "a\0b"s, "a\1"s},
      {"two 0x00 sort behind one", "a\0"s, "a\0\0"s},
      {"0x00 0xff sorts behind 0x00", "\0"s, "\0\xff"s},
      {"bytes compare unsigned", "\x7f", "\x80"},
      {"the empty one is first", "", "\0"s},
  }));
  INFO(c.why);
  // Whatever comes behind it.
  CHECK(component(c.smaller) + "\xff" < component(c.larger));
  for (const std::string& bytes : {c.smaller, c.larger}) {
    const std::string encoded = component(bytes) + "rest";
    std::string_view in = encoded;
    CHECK(take_component(&in) == bytes);
    CHECK(in == "rest");
  }
}

TEST_CASE("broken components are refused and left as they are") {
  for (const std::string& broken : {""s, "abc"s, "abc\0"s, "a\0\2"s, "a\0\xff"s}) {
    std::string_view in = broken;
    CHECK(take_component(&in).error().code == ErrorCode::kCorruption);
    CHECK(in == broken);
  }
}

TEST_CASE("the bytes of a key") {
  const model::Key key{{{model::KeyType::kString, "p\0"s}}, {{model::KeyType::kString, "s"}}};
  const std::string encoded = state_key(TableId{0x01020304}, key);
  CHECK(encoded.substr(0, 4) == "\1\2\3\4");
  CHECK(encoded.substr(6) == "p\0\xff\0\1s\0\1"s);
  CHECK(id_of(encoded) == TableId{0x01020304});
  CHECK(hash_of(encoded) == model::partition_hash(key.partition));
}

TEST_CASE("segments share the hash space evenly and without gaps") {
  Table table;
  table.id = TableId{7};
  const auto shared = std::make_shared<const Table>(table);
  const auto total = GENERATE(1U, 2U, 3U, 7U, 1'000U, 65'536U, 100'000U, 1'000'000U);
  std::string end = id_range(TableId{7}).begin;
  for (std::uint32_t i = 0; i < total; ++i) {
    const KeyRange range = segment_range({shared, {}}, i, total);
    if (range.begin != end) FAIL("a gap before segment " << i);
    end = range.end;
  }
  CHECK(end == id_range(TableId{7}).end);
  CHECK(hash_range(TableId{7}, {}) == id_range(TableId{7}));
}

TEST_CASE("begins_with covers exactly the strings with that prefix") {
  Table table;
  table.id = TableId{7};
  const auto shared = std::make_shared<const Table>(table);
  const std::vector<model::KeyPart> partition = {{model::KeyType::kBinary, "p"}};
  const std::vector<std::string> all = {"",      "\0"s,     "\0\0"s,    "\0\xff"s,     "\1",   "a",
                                        "a\0"s,  "a\0b"s,   "ab",       "b",           "\xfe", "\xfe\xff",
                                        "\xff"s, "\xff\0"s, "\xff\xff", "\xff\xff\xff"};
  for (const std::string& prefix : all) {
    const KeyRange range = query_range({shared, {}}, partition,
                                       {.equal_prefix = {},
                                        .op = SortOperator::kBeginsWith,
                                        .low = {model::KeyType::kBinary, prefix},
                                        .high = {}});
    for (const std::string& value : all) {
      const std::string key = state_key(TableId{7}, {partition, {{model::KeyType::kBinary, value}}});
      CHECK((range.begin <= key && key < range.end) == value.starts_with(prefix));
    }
  }
}

TEST_CASE("the end of a prefix") {
  CHECK(prefix_end("ab") == "ac");
  CHECK(prefix_end("a\xff\xff") == "b");
  CHECK(prefix_end("\xff\xff") == "");
}

}  // namespace
}  // namespace tidemark::storage

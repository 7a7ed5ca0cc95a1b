#include "model/key.h"

#include "base/bytes.h"
#include "tests/support/catch.h"

namespace tidemark::model {
namespace {

const KeySchema kStringNumber = {{{"pk", KeyType::kString}}, {{"sk", KeyType::kNumber}}};
const KeySchema kBinaryOnly = {{{"id", KeyType::kBinary}}, {}};
const KeySchema kTwoAndTwo = {{{"p1", KeyType::kString}, {"p2", KeyType::kNumber}},
                              {{"s1", KeyType::kString}, {"s2", KeyType::kBinary}}};

TEST_CASE("keys are taken from items, as text and as trees") {
  struct Case {
    KeySchema schema;
    std::string item, key_text;
    std::vector<std::string> hex;
  };
  const auto c = GENERATE(values<Case>({
      {kStringNumber,
       R"({"a":{"S":"x"},"pk":{"S":"A\n"},"sk":{"N":"-1"}})",
       R"({"pk":{"S":"A\n"},"sk":{"N":"-1"}})",
       {"410a", "3e6466"}},
      {kBinaryOnly, R"({"id":{"B":"AP8="},"z":{"L":[]}})", R"({"id":{"B":"AP8="}})", {"00ff"}},
      {kTwoAndTwo,
       R"({"p1":{"S":"a"},"p2":{"N":"0"},"s1":{"S":"b"},"s2":{"B":"AA=="}})",
       R"({"p1":{"S":"a"},"p2":{"N":"0"},"s1":{"S":"b"},"s2":{"B":"AA=="}})",
       {"61", "80", "62", "00"}},
      {KeySchema{{{"z", KeyType::kString}}, {{"a", KeyType::kString}}},
       R"({"a":{"S":"1"},"z":{"S":"2"}})",
       R"({"a":{"S":"1"},"z":{"S":"2"}})",
       {"32", "31"}},
  }));
  INFO(c.item);
  const Key key = key_of(c.schema, c.item).value();
  std::vector<std::string> hex;
  for (const KeyPart& part : key.partition) hex.push_back(to_hex(part.sort_bytes));
  for (const KeyPart& part : key.sort) hex.push_back(to_hex(part.sort_bytes));
  CHECK(hex == c.hex);
  CHECK(key.partition.size() == c.schema.partition_keys.size());
  CHECK(key_of(c.schema, parse_item(c.item).value()).value() == key);
  CHECK(key_text(c.schema, key) == c.key_text);
  CHECK(key_of(c.schema, key_text(c.schema, key)).value() == key);
}

TEST_CASE("defects of keys, the first in schema order") {
  struct Case {
    std::string item;
    KeyDefect defect;
    std::string attribute;
    KeyType expected;
    AttributeType actual;
  };
  const std::string s2048(2'048, 'x');
  const std::string s2049(2'049, 'x');
  const auto c = GENERATE_COPY(values<Case>({
      {"{}", KeyDefect::kMissing, "pk", KeyType::kString, AttributeType::kString},
      {R"({"pk":{"S":"a"}})", KeyDefect::kMissing, "sk", KeyType::kNumber, AttributeType::kString},
      {R"({"pk":{"N":"1"},"sk":{"S":"a"}})", KeyDefect::kWrongType, "pk", KeyType::kString,
       AttributeType::kNumber},
      {R"({"pk":{"SS":["a"]},"sk":{"N":"1"}})", KeyDefect::kWrongType, "pk", KeyType::kString,
       AttributeType::kStringSet},
      {R"({"pk":{"NULL":true}})", KeyDefect::kWrongType, "pk", KeyType::kString, AttributeType::kNull},
      {R"({"pk":{"M":{"S":{"S":"x"}}}})", KeyDefect::kWrongType, "pk", KeyType::kString, AttributeType::kMap},
      {R"({"pk":{"S":""},"sk":{"S":""}})", KeyDefect::kEmpty, "pk", KeyType::kString, AttributeType::kString},
      {R"({"pk":{"S":"a"},"sk":{"S":""}})", KeyDefect::kWrongType, "sk", KeyType::kNumber,
       AttributeType::kString},
      {R"({"pk":{"S":")" + s2049 + R"("}})", KeyDefect::kPartitionTooLong, "pk", KeyType::kString,
       AttributeType::kString},
      {R"({"pk":{"S":")" + s2048 + R"("}})", KeyDefect::kMissing, "sk", KeyType::kNumber,
       AttributeType::kString},
  }));
  INFO(c.item.substr(0, 80));
  const auto check = [&c](const Result<Key, KeyError>& key) {
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().defect == c.defect);
    CHECK(key.error().attribute == c.attribute);
    CHECK(key.error().expected == c.expected);
    if (c.defect == KeyDefect::kWrongType || c.defect == KeyDefect::kEmpty) {
      CHECK(key.error().actual == c.actual);
    }
  };
  check(key_of(kStringNumber, c.item));
  check(key_of(kStringNumber, parse_item(c.item).value()));
}

TEST_CASE("lengths are counted in bytes, sort keys together") {
  const auto item = [](std::size_t s1, std::size_t s2) {
    AttributeMap map;
    map["p1"].data = std::string("p");
    map["p2"].data = Number::from_int(1);
    map["s1"].data = std::string(s1, 'x');
    map["s2"].data = Binary{std::string(s2, 'y')};
    return map;
  };
  CHECK(key_of(kTwoAndTwo, item(1'000, 24)).has_value());
  CHECK(key_of(kTwoAndTwo, item(1'000, 25)).error().defect == KeyDefect::kSortTooLong);
  CHECK(key_of(kTwoAndTwo, item(1'025, 1)).error().attribute == "s1");
  CHECK(key_of(kTwoAndTwo, make_item(item(1'000, 25)).text).error().attribute == "s2");
  CHECK(key_of(kTwoAndTwo, item(1, 0)).error().defect == KeyDefect::kEmpty);
  CHECK(key_of(kTwoAndTwo, item(1, 0)).error().actual == AttributeType::kBinary);
}

TEST_CASE("hashes of partition keys are pinned: they are on disk") {
  struct Case {
    std::vector<std::string> values;
    std::uint16_t hash;
  };
  // From `printf 'Outliers...' | md5sum`.
  const auto c = GENERATE(values<Case>({
      {{R"({"S":"A"})"}, 0x0cb5},
      {{R"({"S":"B"})"}, 0x2a5f},
      {{R"({"N":"1"})"}, 0xc3a0},
      {{R"({"B":"AP8="})"}, 0x7c24},
      {{R"({"S":"A"})", R"({"N":"1"})"}, 0x0055},
  }));
  std::vector<KeyPart> parts;
  for (const std::string& value : c.values) parts.push_back(key_part_of(parse_value(value).value()));
  CHECK(partition_hash(parts) == c.hash);
}

TEST_CASE("one captured consequence of the hash: A scans before B") {
  CHECK(partition_hash({{KeyType::kString, "A"}}) < partition_hash({{KeyType::kString, "B"}}));
}

}  // namespace
}  // namespace tidemark::model

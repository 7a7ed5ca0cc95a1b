#include "storage/vector_entry.h"

#include <string>
#include <vector>

#include "model/key.h"
#include "storage/commit/index_writer.h"
#include "tests/support/catch.h"

namespace tidemark::storage {
namespace {

using namespace std::string_literals;

model::IndexSchema vector_index(model::ProjectionType projection) {
  model::IndexSchema index;
  index.id = TableId{9};
  index.name = "near";
  index.kind = model::IndexKind::kVector;
  index.keys.partition_keys = {{"tenant", model::KeyType::kString}};
  index.projection.type = projection;
  index.vector = model::VectorSettings{.attribute = "v",
                                       .dimensions = 2,
                                       .distance = model::DistanceFunction::kCosine,
                                       .filters = {{"colour", model::KeyType::kString}}};
  return index;
}

Table table_with(const model::IndexSchema& index) {
  Table table;
  table.id = TableId{7};
  table.schema.name = "t";
  table.schema.keys = {{{"pk", model::KeyType::kString}}, {{"sk", model::KeyType::kNumber}}};
  table.schema.indexes = {index};
  return table;
}

model::Key key_of_item(const Table& table, std::string_view item) {
  const auto key = model::key_of(table.schema.keys, item);
  REQUIRE(key.has_value());
  return *key;
}

constexpr std::string_view kItem =
    R"({"a":{"S":"x"},"colour":{"S":"red"},"pk":{"S":"a"},"sk":{"N":"1"},"tenant":{"S":"t"},"v":{"L":[{"N":"1"},{"N":"-2.5"}]},"w":{"S":"y"}})";

std::optional<IndexEntry> entry_of(const Table& table, std::string_view item) {
  return index_entry(table, table.schema.indexes.front(), key_of_item(table, item), {item, 100});
}

}  // namespace

TEST_CASE("an entry on disk: the floats, then the item without them") {
  const Table table = table_with(vector_index(model::ProjectionType::kKeysOnly));
  const auto entry = entry_of(table, kItem);
  REQUIRE(entry);
  CHECK(entry->text ==
        "\x00\x00\x80\x3f\x00\x00\x20\xc0"s +
            R"({"colour":{"S":"red"},"pk":{"S":"a"},"sk":{"N":"1"},"tenant":{"S":"t"},"v":{"L":[]}})");
  // Names and values: colour red, pk a, sk 1 (two bytes), tenant t, and v with four bytes a dimension.
  CHECK(entry->size_bytes == 6 + 3 + 2 + 1 + 2 + 2 + 6 + 1 + 1 + 8);

  const auto view = parse_vector_entry(*table.schema.indexes.front().vector, entry->text);
  REQUIRE(view);
  CHECK(view->floats == "\x00\x00\x80\x3f\x00\x00\x20\xc0"s);
  CHECK(
      item_of(*table.schema.indexes.front().vector, *view) ==
      R"({"colour":{"S":"red"},"pk":{"S":"a"},"sk":{"N":"1"},"tenant":{"S":"t"},"v":{"L":[{"N":"1"},{"N":"-2.5"}]}})");
}

TEST_CASE("an entry of everything gives the item back") {
  const Table table = table_with(vector_index(model::ProjectionType::kAll));
  const auto entry = entry_of(table, kItem);
  REQUIRE(entry);
  const auto view = parse_vector_entry(*table.schema.indexes.front().vector, entry->text);
  REQUIRE(view);
  CHECK(item_of(*table.schema.indexes.front().vector, *view) == kItem);
}

TEST_CASE("items that are not in a vector index") {
  const Table table = table_with(vector_index(model::ProjectionType::kAll));
  const auto item = GENERATE(
      values<std::string_view>({R"({"pk":{"S":"a"},"sk":{"N":"1"},"v":{"L":[{"N":"1"},{"N":"2"}]}})",
                                R"({"pk":{"S":"a"},"sk":{"N":"1"},"tenant":{"S":"t"}})",
                                R"({"pk":{"S":"a"},"sk":{"N":"1"},"tenant":{"S":"t"},"v":{"L":[{"N":"1"}]}})",
                                R"({"pk":{"S":"a"},"sk":{"N":"1"},"tenant":{"S":"t"},"v":{"S":"x"}})"}));
  CHECK_FALSE(entry_of(table, item));
}

TEST_CASE("a damaged entry is told from a whole one") {
  const model::VectorSettings vector = *vector_index(model::ProjectionType::kAll).vector;
  CHECK_FALSE(parse_vector_entry(vector, "1234567"));
  const auto view = parse_vector_entry(vector, R"(12345678{"v":{"N":"1"}})");
  REQUIRE(view);
  CHECK_FALSE(item_of(vector, *view));
}

TEST_CASE("what a change of an item costs a vector index, in bytes") {
  const Table table = table_with(vector_index(model::ProjectionType::kKeysOnly));
  const std::string other(
      R"({"a":{"S":"z"},"colour":{"S":"red"},"pk":{"S":"a"},"sk":{"N":"1"},"tenant":{"S":"t"},"v":{"L":[{"N":"1"},{"N":"-2.5"}]}})");
  const std::string nearer(
      R"({"colour":{"S":"red"},"pk":{"S":"a"},"sk":{"N":"1"},"tenant":{"S":"t"},"v":{"L":[{"N":"1"},{"N":"0"}]}})");
  const auto cost = [&table](std::optional<ItemImage> from, std::optional<ItemImage> to) {
    std::vector<OwnedWrite> writes;
    std::vector<IndexEffect> effects;
    append_index_writes(table, key_of_item(table, kItem), from, to, {}, &writes, &effects);
    CHECK(writes.size() == effects.size());
    CHECK((effects.empty() || effects.front().write_units == 0));
    return effects.empty() ? 0 : effects.front().vector_bytes;
  };
  const ItemImage item{kItem, 100};
  CHECK(cost({}, item) == 32);
  CHECK(cost(item, ItemImage{other, 90}) == 0);
  CHECK(cost(item, ItemImage{nearer, 90}) == 32);
  CHECK(cost(item, {}) == 32);
}

}  // namespace tidemark::storage

#include "storage/commit/expiry_index.h"

#include "storage/store/item_codec.h"
#include "storage/store/keys.h"
#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

using namespace std::string_literals;

Table table_with_ttl() {
  Table table;
  table.id = TableId{7};
  table.schema = EngineFixture::schema("t");
  table.schema.ttl.emplace();
  table.schema.ttl->attribute = "ttl";
  table.schema.ttl->index = TableId{0x01020304};
  return table;
}

TEST_CASE("an entry on disk: the index, the time, the item") {
  const Table table = table_with_ttl();
  const model::Key key = EngineFixture::key("a", 1);
  const OwnedWrite write = put_expiry(table, key, 0x0a0b0c0d);
  const std::string item = state_key(table.id, key).substr(4);
  CHECK(write.space == wal::Space::kIndex);
  CHECK(write.key == "\1\2\3\4"s + "\0\0\0\0\x0a\x0b\x0c\x0d"s + item);
  CHECK(write.expires_at == 0x0a0b0c0d);
  CHECK(expiry_of_key(write.key) == 0x0a0b0c0d);
  const auto stored = parse_stored(write.value);
  REQUIRE(stored);
  CHECK(stored->text == R"({"pk":{"S":"a"},"sk":{"N":"1"}})");
  CHECK(stored->size_bytes == 0);
}

TEST_CASE("entries sort by their times, and a range takes both ends in") {
  const Table table = table_with_ttl();
  const model::Key key = EngineFixture::key("a", 1);
  const KeyRange range = expiry_range(table.schema.ttl->index, 10, 20);
  for (const auto& [seconds, is_in] :
       {std::pair{9, false}, {10, true}, {15, true}, {20, true}, {21, false}}) {
    INFO(seconds);
    const std::string entry = put_expiry(table, key, seconds).key;
    CHECK((range.begin <= entry && entry < range.end) == is_in);
  }
  // As far back, and as far ahead, as it gets: still inside the index.
  const KeyRange all = expiry_range(table.schema.ttl->index, -1'000, INT64_MAX - 1);
  const KeyRange index = id_range(table.schema.ttl->index);
  CHECK(all.begin >= index.begin);
  CHECK(all.end <= index.end);
  CHECK(all.begin < put_expiry(table, key, 0).key);
}

TEST_CASE("what a change of an item does to its entry") {
  const Table table = table_with_ttl();
  const model::Key key = EngineFixture::key("a", 1);
  struct Case {
    const char* why;
    std::optional<std::string> before, after;
    int removed, added;
  };
  const std::string at_1 = R"({"ttl":{"N":"1"}})";
  const std::string at_2 = R"({"ttl":{"N":"2"}})";
  const std::string never = R"({"ttl":{"S":"1"}})";
  const auto c = GENERATE_COPY(values<Case>({
      {"new", std::nullopt, at_1, 0, 1},
      {"deleted", at_1, std::nullopt, 1, 0},
      {"another time", at_1, at_2, 1, 1},
      {"the same time", at_1, R"({"a":{"S":"x"},"ttl":{"N":"1"}})", 0, 0},
      {"the same second", at_1, R"({"ttl":{"N":"1.5"}})", 0, 0},
      {"no time any more", at_1, never, 1, 0},
      {"a time at last", never, at_1, 0, 1},
      {"never", never, never, 0, 0},
  }));
  INFO(c.why);
  const auto image = [](const std::optional<std::string>& text) -> std::optional<ItemImage> {
    if (!text) return std::nullopt;
    return ItemImage{*text, 0};
  };
  std::vector<OwnedWrite> writes;
  append_expiry_writes(table, key, image(c.before), image(c.after), &writes);
  int removed = 0;
  int added = 0;
  for (const OwnedWrite& write : writes) (write.kind == wal::WriteKind::kDelete ? removed : added) += 1;
  CHECK(removed == c.removed);
  CHECK(added == c.added);
  Counters counters;
  for (const OwnedWrite& write : writes) count_write(view_of(write), &counters);
  for (const auto& [id, stats] : counters) {
    CHECK(stats.item_count == 0);
    CHECK(stats.size_bytes == 0);
  }
}

TEST_CASE("the watch tells where to look, and forgets nothing that comes meanwhile") {
  ExpiryWatch watch;
  const TableId one{1};
  CHECK(watch.earliest(one) == ExpiryWatch::kFromTheBeginning);
  watch.note(one, 50);
  CHECK(watch.earliest(one) == ExpiryWatch::kFromTheBeginning);
  CHECK(watch.take(one) == ExpiryWatch::kFromTheBeginning);
  CHECK(watch.earliest(one) == ExpiryWatch::kNever);
  watch.note(one, 50);
  watch.note(one, 40);
  watch.note(one, 60);
  CHECK(watch.earliest(one) == 40);
  CHECK(watch.take(one) == 40);
  watch.note(one, 60);
  CHECK(watch.take(one) == 60);
  watch.keep_only({});
  CHECK(watch.earliest(one) == ExpiryWatch::kFromTheBeginning);
}

}  // namespace
}  // namespace tidemark::storage

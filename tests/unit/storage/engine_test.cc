#include "storage/engine.h"

#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

using model::ProjectionType;

TEST_CASE_METHOD(EngineFixture, "an item is read back as it was put") {
  open();
  const auto table = create(schema("t"));
  CHECK_FALSE(get(table, "a", 1));
  const Timestamp first = put(table, "a", 1, {{"v", text_value("x")}});
  CHECK(get(table, "a", 1) == R"({"pk":{"S":"a"},"sk":{"N":"1"},"v":{"S":"x"}})");
  const Timestamp second = put(table, "a", 1, {{"v", text_value("y")}});
  CHECK(second > first);
  const auto stored = engine->get(*table, key("a", 1));
  REQUIRE(stored);
  REQUIRE(*stored);
  CHECK((*stored)->write_time == second);
  CHECK((*stored)->size_bytes == item("a", 1, {{"v", text_value("y")}}).size_bytes);
  remove(table, "a", 1);
  CHECK_FALSE(get(table, "a", 1));
}

TEST_CASE_METHOD(EngineFixture, "a transaction that is dropped changes nothing and lets go of its locks") {
  open();
  const auto table = create(schema("t"));
  {
    const auto transaction = engine->begin();
    REQUIRE(transaction->lock({{table, key("a", 1)}}));
    REQUIRE(transaction->read(0));
    transaction->put(0, item("a", 1));
  }
  CHECK_FALSE(get(table, "a", 1));
  put(table, "a", 1);
  CHECK(get(table, "a", 1));
}

TEST_CASE_METHOD(EngineFixture, "items, tables, documents and counters outlive a close and a kill") {
  options.checkpoint_at_close = GENERATE(true, false);
  open();
  const auto table = create(schema("t"));
  for (int i = 0; i < 100; ++i) put(table, "a", i);
  for (int i = 0; i < 50; ++i) remove(table, "a", i * 2);
  const Timestamp last = put(table, "b", 7);
  REQUIRE(engine->catalog().put_document("job", "1", R"({"x":1})"));
  REQUIRE(engine->catalog().put_document("job", "2", R"({"x":2})"));
  REQUIRE(engine->catalog().remove_document("job", "1"));
  const TableStats before = engine->stats(table->id);
  CHECK(before.item_count == 51);

  for (int i = 0; i < 3; ++i) {
    clock.turn_to(Timestamp::from_seconds(1'700'000'000));  // set back: commit times go on
    reopen();
    const auto again = find("t");
    REQUIRE(again);
    CHECK(again->id == table->id);
    CHECK(scan({again, {}}).size() == 51);
    CHECK(engine->stats(again->id).item_count == before.item_count);
    CHECK(engine->stats(again->id).size_bytes == before.size_bytes);
    CHECK(engine->catalog().find_document("job", "2") == R"({"x":2})");
    CHECK_FALSE(engine->catalog().find_document("job", "1"));
    CHECK(put(again, "b", 7) > last);
  }
}

TEST_CASE_METHOD(EngineFixture, "a directory is opened once") {
  open();
  const auto second = Engine::open(options, *files, clock, schedule);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kUnavailable);
}

TEST_CASE_METHOD(EngineFixture, "a dropped table is gone with its items, and its id is not used again") {
  open();
  auto with_index = schema("t");
  with_index.indexes = {index("by_v", "v", "", ProjectionType::kAll)};
  const auto table = create(with_index);
  put(table, "a", 1, {{"v", text_value("x")}});
  CHECK(engine->table_states().begin_create(schema("t")).error().code == ErrorCode::kAlreadyExists);

  const auto late = engine->begin();
  REQUIRE(late->lock({{table, key("b", 1)}}));
  REQUIRE(late->read(0));
  late->put(0, item("b", 1));
  REQUIRE(engine->table_states().abandon(table->id));
  CHECK(late->commit().error().code == ErrorCode::kNotFound);
  CHECK(try_put(table, "a", 2).error().code == ErrorCode::kNotFound);
  CHECK(engine->table_states().abandon(table->id).error().code == ErrorCode::kNotFound);

  CHECK_FALSE(find("t"));
  CHECK(scan({table, {}}).empty());
  CHECK(scan(index_of(table, "by_v")).empty());
  CHECK(engine->stats(table->id).item_count == 0);
  reopen();
  const auto again = create(schema("t"));
  CHECK(again->id > index_of(table, "by_v").id());
}

TEST_CASE_METHOD(EngineFixture, "tables are listed in byte order, by owner") {
  open();
  for (const char* name : {"b", "a", "C", "bb"}) create(schema(name));
  auto foreign = schema("aa");
  foreign.region = "eu-west-1";
  create(foreign);
  const Owner owner{.account_id = "000000000000", .region = "us-east-1"};
  using Names = std::vector<std::string>;
  CHECK(engine->catalog().list(owner, "", 10) == Names{"C", "a", "b", "bb"});
  CHECK(engine->catalog().list(owner, "a", 1) == Names{"b"});
  CHECK(engine->catalog().list({owner.account_id, "eu-west-1"}, "", 10) == Names{"aa"});
  CHECK(engine->catalog().all().size() == 5);
}

TEST_CASE_METHOD(EngineFixture, "an update of a table keeps its ids and may be refused") {
  open();
  auto with_index = schema("t");
  with_index.indexes = {index("by_v", "v", "", ProjectionType::kAll)};
  const auto table = create(with_index);
  auto change = hold(table);
  change.settings().deletion_protection = true;
  change.settings().indexes.push_back(index("by_w", "w", "", ProjectionType::kAll));
  const auto updated = engine->table_states().begin_update(std::move(change));
  REQUIRE(updated);
  REQUIRE((*updated)->schema.indexes.size() == 2);
  CHECK(index_of(*updated, "by_v").id() == index_of(table, "by_v").id());
  CHECK(index_of(*updated, "by_w").id() > index_of(table, "by_v").id());
  CHECK(find("t")->schema.deletion_protection);
  {
    auto refused = hold(find("t"));
    refused.settings().deletion_protection = false;
  }
  CHECK(find("t")->schema.deletion_protection);

  // Prepared by the old table: the new index gets its entry all the same.
  put(table, "a", 1, {{"w", text_value("x")}});
  CHECK(scan(index_of(*updated, "by_w")).size() == 1);

  REQUIRE(engine->table_states().begin_update(hold(table),
                                              {.updated = {}, .deleted = {index_of(table, "by_v").id()}}));
  put(table, "a", 2, {{"v", text_value("x")}, {"w", text_value("y")}});
  CHECK(scan(index_of(table, "by_v")).empty());
  // What stood behind the removed index is where it was.
  CHECK(index_of(find("t"), "by_w").id() == index_of(*updated, "by_w").id());
  CHECK(scan(index_of(find("t"), "by_w")).size() == 2);
}

TEST_CASE_METHOD(EngineFixture, "indexes are sparse, projected, and charged as the service does") {
  open();
  auto with_indexes = schema("t");
  with_indexes.indexes = {index("all", "g", "h", ProjectionType::kAll),
                          index("keys", "g", "", ProjectionType::kKeysOnly),
                          index("some", "g", "", ProjectionType::kInclude)};
  with_indexes.indexes[2].projection.non_key_attributes = {"a b", "\"q\""};
  const auto table = create(with_indexes);
  const Target all = index_of(table, "all");
  const Target keys = index_of(table, "keys");
  const Target some = index_of(table, "some");
  using Texts = std::vector<std::string>;
  WriteEffect effect;

  put(table, "a", 1, {{"x", text_value("no index key")}}, &effect);
  CHECK(effect.indexes.empty());
  put(table, "a", 1, {{"g", text_value("G")}, {"\"q\"", text_value("1")}, {"x", text_value("1")}}, &effect);
  REQUIRE(effect.indexes.size() == 2);
  CHECK(effect.indexes[0].index == keys.id());
  CHECK(effect.indexes[0].write_units == 1);
  CHECK(scan(all).empty());
  CHECK(scan(keys) == Texts{R"({"g":{"S":"G"},"pk":{"S":"a"},"sk":{"N":"1"}})"});
  CHECK(scan(some) == Texts{R"({"\"q\"":{"S":"1"},"g":{"S":"G"},"pk":{"S":"a"},"sk":{"N":"1"}})"});
  CHECK(engine->stats(some.id()).item_count == 1);
  CHECK(engine->stats(some.id()).size_bytes ==
        item("a", 1, {{"g", text_value("G")}, {"\"q\"", text_value("1")}}).size_bytes);

  put(table, "a", 1, {{"g", text_value("G")}, {"\"q\"", text_value("1")}, {"x", text_value("2")}}, &effect);
  CHECK(effect.indexes.empty());  // only unprojected attributes changed
  put(table, "a", 1, {{"g", text_value("G")}, {"\"q\"", text_value(std::string(2'000, 'x'))}}, &effect);
  REQUIRE(effect.indexes.size() == 1);
  CHECK(effect.indexes[0].index == some.id());
  CHECK(effect.indexes[0].write_units == 2);  // the larger of both images
  put(table, "a", 1, {{"g", text_value("H")}}, &effect);
  REQUIRE(effect.indexes.size() == 2);
  CHECK(effect.indexes[0].write_units == 2);  // one deleted, one put
  CHECK(effect.indexes[1].write_units == 3);
  effect = remove(table, "a", 1);
  CHECK(effect.indexes.size() == 2);
  CHECK(scan(keys).empty());
  CHECK(engine->stats(keys.id()).size_bytes == 0);
}

TEST_CASE_METHOD(EngineFixture, "history that is not sealed outlives checkpoints, closing and kills") {
  options.checkpoint_at_close = GENERATE(true, false);
  options.checkpoint_log_bytes = GENERATE(1, 1U << 30);
  options.history_segment_changes = GENERATE(3, 1'000);
  open();
  auto recoverable = schema("t");
  recoverable.pitr = {.enabled = true, .enabled_at = clock.now(), .recovery_period_days = 35};
  auto table = create(recoverable);
  std::vector<Timestamp> times;
  for (int i = 0; i < 10; ++i) {
    clock.advance_seconds(1);
    times.push_back(put(table, "a", 1, {{"v", number_value(i)}}));
    REQUIRE(engine->maintain());
    if (i % 4 == 3) {
      reopen();
      table = find("t");
    }
  }
  for (int i = 0; i < 10; ++i) {
    const auto snapshot = engine->snapshot_at(table->id, times[static_cast<std::size_t>(i)]);
    REQUIRE(snapshot);
    const auto reader = (*snapshot)->read({});
    REQUIRE(reader);
    REQUIRE((*reader)->next());
    CHECK((*reader)->text() == item("a", 1, {{"v", number_value(i)}}).text);
    CHECK((*reader)->write_time() == times[static_cast<std::size_t>(i)]);
  }
}

TEST_CASE_METHOD(EngineFixture, "turning recovery on while a write is under way leaves no hole") {
  open();
  const auto table = create(schema("t"));
  put(table, "a", 1, {{"v", text_value("before")}});
  const auto transaction = engine->begin();
  REQUIRE(transaction->lock({{table, key("a", 1)}}));
  REQUIRE(transaction->read(0));
  transaction->put(0, item("a", 1, {{"v", text_value("after")}}));
  auto change = hold(table);
  change.settings().pitr = {.enabled = true, .enabled_at = clock.now()};
  const auto updated = engine->table_states().save(std::move(change));
  REQUIRE(updated);
  const Timestamp start = (*updated)->schema.pitr.enabled_at;
  clock.advance_seconds(5);
  REQUIRE(transaction->commit());

  const auto snapshot = engine->snapshot_at(table->id, start);
  REQUIRE(snapshot);
  auto reader = (*snapshot)->read({});
  REQUIRE(reader);
  REQUIRE((*reader)->next());
  CHECK((*reader)->text() == item("a", 1, {{"v", text_value("before")}}).text);
  CHECK_FALSE((*reader)->next());
  CHECK((*reader)->status());
}

}  // namespace
}  // namespace tidemark::storage

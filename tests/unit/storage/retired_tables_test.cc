// Tables that are deleted while somebody holds their history.
#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

class RetiredFixture : public EngineFixture {
 public:
  RetiredFixture() { open(); }

  Hold hold_history(const TablePtr& table, const std::string& who, Timestamp from = kFromNowOn) {
    auto held = engine->holds().hold(
        {.who = who, .table = table->id, .history_from = from, .log_from = {}, .log_seconds = {}});
    REQUIRE(held);
    return *std::move(held);
  }
  std::size_t count_at(TableId id, Timestamp time) {
    const auto snapshot = engine->snapshot_at(id, time, Reach::kHeld);
    INFO((snapshot ? std::string() : snapshot.error().message));
    REQUIRE(snapshot);
    std::size_t items = 0;
    for (const Partition& partition : (*snapshot)->partitions()) {
      const auto reader = (*snapshot)->read(partition.hashes);
      REQUIRE(reader);
      while ((*reader)->next()) ++items;
      REQUIRE((*reader)->status());
    }
    return items;
  }
  TablePtr filled_table(int items) {
    auto wanted = schema("t");
    wanted.indexes.push_back(index("by-v", "v", "", model::ProjectionType::kAll));
    auto table = create(std::move(wanted));
    for (int i = 0; i < items; ++i) put(table, "p", i, {{"v", text_value("x")}});
    return table;
  }
};

TEST_CASE("a deleted table whose history is held can be read at the moments that are held") {
  RetiredFixture fixture;
  const auto table = fixture.filled_table(10);
  const Timestamp ten = *fixture.hold_history(table, "ten").history_from;
  for (int i = 10; i < 15; ++i) fixture.put(table, "p", i);
  const Timestamp fifteen = *fixture.hold_history(table, "fifteen").history_from;
  for (int i = 0; i < 15; ++i) fixture.remove(table, "p", i);
  fixture.drop(table);

  SECTION("at once") {}
  SECTION("when the reclaimer was there") { REQUIRE(fixture.engine->maintain()); }
  SECTION("after a restart") { fixture.reopen(); }
  SECTION("after a restart that replays the log") {
    fixture.options.checkpoint_at_close = false;
    fixture.reopen();
  }
  SECTION("beside a new table of its name") { fixture.put(fixture.create(fixture.schema("t")), "p", 77); }

  CHECK(fixture.engine->catalog().find(table->id) == nullptr);
  CHECK(fixture.engine->catalog().find_retired(table->id) != nullptr);
  CHECK(fixture.count_at(table->id, ten) == 10);
  CHECK(fixture.count_at(table->id, fifteen) == 15);
  // Only where somebody holds it.
  CHECK_FALSE(fixture.engine->snapshot_at(table->id, ten));
  CHECK_FALSE(fixture.engine->snapshot_at(table->id, ten.plus_micros(-1), Reach::kHeld));
  const auto late = fixture.engine->holds().hold({.who = "too early",
                                                  .table = table->id,
                                                  .history_from = ten.plus_micros(-1),
                                                  .log_from = {},
                                                  .log_seconds = {}});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("a hold on a retired table outlives the one that it was taken beside") {
  RetiredFixture fixture;
  const auto table = fixture.filled_table(10);
  const Timestamp moment = *fixture.hold_history(table, "first").history_from;
  fixture.put(table, "p", 10);
  fixture.drop(table);
  CHECK(fixture.hold_history(table, "second", moment).history_from == moment);
  REQUIRE(fixture.engine->holds().release("first"));
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.count_at(table->id, moment) == 10);
  CHECK(fixture.engine->dropped().empty());  // the index is gone

  REQUIRE(fixture.engine->holds().release("second"));
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.engine->catalog().retired().empty());
  CHECK(fixture.engine->dropped().empty());
  CHECK(fixture.engine->stats(table->id).item_count == 0);
  CHECK_FALSE(fixture.engine->snapshot_at(table->id, moment, Reach::kHeld));
  fixture.reopen();
  CHECK(fixture.engine->catalog().retired().empty());
}

TEST_CASE("what was let go before a restart is dropped after it") {
  RetiredFixture fixture;
  const auto table = fixture.filled_table(10);
  fixture.hold_history(table, "first");
  fixture.drop(table);
  REQUIRE(fixture.engine->holds().release("first"));
  fixture.reopen();
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.engine->catalog().retired().empty());
}

TEST_CASE("the deletion of a table with recovery holds its last state") {
  RetiredFixture fixture;
  auto recorded = fixture.schema("t");
  recorded.pitr.enabled = true;
  recorded.pitr.enabled_at = fixture.clock.now();
  const auto table = fixture.create(std::move(recorded));
  for (int i = 0; i < 10; ++i) fixture.put(table, "p", i);
  std::vector<TableId> told;
  fixture.engine->table_states().on_retired([&told](TableId id) { told.push_back(id); });
  fixture.clock.advance_seconds(60);
  fixture.drop(table);
  CHECK(told == std::vector{table->id});
  const auto check = [&] {
    const auto held = fixture.engine->holds().find(deleted_table_hold(table->id));
    REQUIRE(held);
    CHECK(held->table == table->id);
    const auto retired = fixture.engine->catalog().find_retired(table->id);
    REQUIRE(retired);
    CHECK_FALSE(retired->schema.pitr.enabled);
    CHECK(fixture.count_at(table->id, fixture.clock.now()) == 10);
    // Its window of recovery went with it.
    CHECK_FALSE(fixture.engine->snapshot_at(table->id, table->schema.pitr.enabled_at, Reach::kHeld));
  };
  check();
  REQUIRE(fixture.engine->maintain());
  fixture.reopen();
  check();
  REQUIRE(fixture.engine->holds().release(deleted_table_hold(table->id)));
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.engine->catalog().retired().empty());
}

TEST_CASE("a table that nobody holds leaves nothing behind") {
  RetiredFixture fixture;
  const auto table = fixture.filled_table(10);
  fixture.drop(table);
  CHECK(fixture.engine->catalog().retired().empty());
  CHECK(fixture.engine->stats(table->id).item_count == 0);
}

}  // namespace
}  // namespace tidemark::storage

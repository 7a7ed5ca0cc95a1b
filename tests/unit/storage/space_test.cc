// What was let go gives its space back, on disk.
#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMegabyte = 1U << 20;

class SpaceFixture : public EngineFixture {
 public:
  SpaceFixture() { options.history_segment_changes = 500; }

  [[nodiscard]] std::uint64_t bytes_in(const std::string& folder) const {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory + '/' + folder)) {
      if (entry.path().extension() == ".sst") bytes += entry.file_size();
    }
    return bytes;
  }
  // Bytes that do not compress.
  std::string noise(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>('0' + random_() % 64));
    return text;
  }
  void fill(const TablePtr& table, int count) {
    for (int i = 0; i < count; ++i) {
      put(table, "p" + std::to_string(i % 7), i,
          {{"v", text_value(noise(10'000))}, {"state", text_value("s")}});
    }
  }
  TablePtr create_recorded(const std::string& name) {
    auto recorded = schema(name);
    recorded.pitr.enabled = true;
    recorded.pitr.enabled_at = clock.now();
    return create(std::move(recorded));
  }
  void settle() { REQUIRE(schedule.advance(1min)); }
  std::size_t items_at(const TablePtr& table, Timestamp time) {
    auto snapshot = engine->snapshot_at(table->id, time);
    INFO((snapshot ? std::string() : snapshot.error().message));
    REQUIRE(snapshot);
    return items_of(**snapshot);
  }
  static std::size_t items_of(TableSnapshot& snapshot) {
    std::size_t items = 0;
    for (const Partition& partition : snapshot.partitions()) {
      const auto reader = snapshot.read(partition.hashes);
      REQUIRE(reader);
      while ((*reader)->next()) ++items;
      REQUIRE((*reader)->status());
    }
    return items;
  }

 private:
  std::mt19937 random_{7};
};

TEST_CASE_METHOD(SpaceFixture, "the files of a deleted table go, those of its indexes and those alone") {
  const bool is_restarted = GENERATE(false, true);
  options.checkpoint_at_close = GENERATE(false, true);
  CAPTURE(is_restarted, options.checkpoint_at_close);
  open();
  const auto small = create(schema("small"));
  auto indexed = schema("large");
  indexed.indexes = {index("byState", "state", "v", model::ProjectionType::kAll)};
  indexed.indexes[0].keys.sort_keys.clear();
  const auto large = create(std::move(indexed));
  put(small, "a", 1);
  fill(large, 1'000);
  put(small, "a", 2);
  // Memtables that are full become files in the background.
  for (int i = 0; i < 2'000 && bytes_in("state") <= 15 * kMegabyte; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  REQUIRE(bytes_in("state") > 15 * kMegabyte);

  drop(large);
  if (is_restarted) reopen();
  settle();
  CHECK(bytes_in("state") < 2 * kMegabyte);
  CHECK(scan({find("small")}).size() == 2);
  // Once is enough.
  if (is_restarted) reopen();
  CHECK(scan({find("small")}).size() == 2);
  CHECK(engine->catalog().list_documents("dropped").empty());
}

TEST_CASE_METHOD(SpaceFixture, "the entries of a deleted index go") {
  open();
  auto indexed = schema("t");
  indexed.indexes = {index("byState", "state", "", model::ProjectionType::kAll)};
  auto table = create(std::move(indexed));
  fill(table, 1'000);
  TableChange change = hold(table);
  const auto begun = engine->table_states().begin_update(
      std::move(change), {.updated = {}, .deleted = {table->schema.indexes[0].id}});
  REQUIRE(begun);
  settle();
  CHECK(bytes_in("state") < 12 * kMegabyte);
  CHECK(scan({find("t")}).size() == 1'000);
}

TEST_CASE_METHOD(SpaceFixture, "a snapshot keeps what it shows") {
  open();
  const auto table = create(schema("t"));
  fill(table, 500);
  auto snapshot = engine->snapshot(table->id);
  REQUIRE(snapshot);
  drop(table);
  settle();
  CHECK(items_of(**snapshot) == 500);
  CHECK(bytes_in("state") > 3 * kMegabyte);
  snapshot->reset();
  settle();
  CHECK(bytes_in("state") < kMegabyte);
}

TEST_CASE_METHOD(SpaceFixture, "undo images of what was deleted, switched off or held no more go") {
  const bool is_merged = GENERATE(false, true);
  const bool is_restarted = GENERATE(false, true);
  CAPTURE(is_merged, is_restarted);
  if (is_merged) options.exact_history_seconds = 3'600;
  open();
  const auto other = create_recorded("other");
  auto table = create_recorded("t");
  put(other, "a", 1);
  fill(table, 400);
  REQUIRE(schedule.advance(5s));
  const Timestamp filled = clock.now();
  REQUIRE(schedule.advance(5s));
  fill(table, 400);
  REQUIRE(schedule.advance(5s));
  const Timestamp before = clock.now();
  REQUIRE(schedule.advance(5s));
  put(other, "a", 1);
  put(other, "b", 2);
  REQUIRE(schedule.advance(is_merged ? 49h : 2h));
  REQUIRE(bytes_in("history") > 2 * kMegabyte);

  SECTION("the table is deleted") { drop(table); }
  SECTION("recovery is switched off") {
    save(table, [](model::TableSchema& settings) { settings.pitr.enabled = false; });
  }
  SECTION("the window is shortened") {
    if (!is_merged) return;
    save(table, [](model::TableSchema& settings) { settings.pitr.recovery_period_days = 1; });
  }
  SECTION("a hold keeps it until it is released") {
    REQUIRE(engine->holds().hold(
        {.who = "export/1", .table = table->id, .history_from = filled, .log_from = {}, .log_seconds = {}}));
    drop(table);
    settle();
    CHECK(bytes_in("history") > 2 * kMegabyte);
    REQUIRE(engine->holds().release("export/1"));
  }
  if (is_restarted) reopen();
  settle();
  CHECK(bytes_in("history") < kMegabyte / 4);
  CHECK(items_at(find("other"), before) == 1);
}

}  // namespace
}  // namespace tidemark::storage

// Forty days, in one move of the clock or in many: the past that is left is the same.
#include "model/pitr.h"
#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

using std::chrono::hours;

std::uint64_t bytes_below(const std::string& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".sst") bytes += entry.file_size();
  }
  return bytes;
}

TEST_CASE_METHOD(EngineFixture, "forty days pass alike in steps and at once") {
  const int steps = GENERATE(1, 40, 333);
  INFO("steps " << steps);
  options.ttl_lag = std::chrono::seconds(2);
  open();
  auto recorded = schema("t");
  recorded.pitr = model::enabled_pitr(clock.now());
  TablePtr table = create(recorded);
  REQUIRE(engine->table_states().enable_ttl(hold(table), "ttl"));
  table = find("t");
  const Timestamp start = clock.now();
  const std::string noise(2'000, 'x');
  const auto written = [&](std::int64_t sk, std::int64_t days) {
    return model::AttributeMap{{"v", text_value(noise + std::to_string(sk))},
                               {"ttl", number_value(start.plus_seconds(days * 86'400).seconds())}};
  };
  // Overwritten, so that there is a history; to expire on the way, or behind it.
  for (int round = 0; round < 5; ++round) {
    for (std::int64_t sk = 0; sk < 40; ++sk) put(table, "a", sk, written(sk, sk % 2 == 0 ? 10 : 50));
  }
  clock.advance_micros(10'000);
  REQUIRE(schedule.advance(hours(2)));
  REQUIRE(engine->maintain());
  const std::uint64_t before = bytes_below(options.directory + "/history");
  CHECK(before > 0);
  const auto at_start = clock.now();

  const std::chrono::microseconds all = hours(40 * 24);
  for (int step = 1; step <= steps; ++step) {
    REQUIRE(schedule.set(at_start.plus(all * step / steps)));
  }
  REQUIRE(engine->maintain());
  const Timestamp now = clock.now();

  CHECK(scan({table}).size() == 20);
  CHECK_FALSE(get(table, "a", 0).has_value());
  CHECK(get(table, "a", 1).has_value());
  // The window of thirty-five days, and nothing before it.
  const auto reach = engine->readable_from(table->id);
  REQUIRE(reach);
  CHECK(format_iso_micros(*reach) == format_iso_micros(now.plus_seconds(-35 * 86'400).floor_second()));
  CHECK_FALSE(engine->view_at({table->id}, at_start));
  {
    const auto early = engine->view_at({table->id}, *reach);
    REQUIRE(early);
    const Target target{table};
    const auto cursor = (*early)->read(target, segment_range(target, 0, 1), {});
    std::size_t count = 0;
    while (cursor->next()) ++count;
    REQUIRE(cursor->status());
    CHECK(count == 40);
  }
  // Each item went when it was due.
  for (std::int64_t sk = 0; sk < 40; sk += 2) {
    const auto history = engine->item_history(table->id, key("a", sk));
    REQUIRE(history);
    std::optional<ItemRevision> last;
    while (auto revision = (*history)->next().value()) last = std::move(revision);
    REQUIRE(last);
    CHECK_FALSE(last->item);
    CHECK(last->origin == wal::Origin::kTtl);
    CHECK(last->time.seconds() == start.plus_seconds(10 * 86'400).seconds() + 2);
  }
  // What expired can be looked at; the versions that were overwritten on the first day are gone from the
  // disk.
  CHECK(engine->history_bytes()[table->id] < before);
  CHECK(bytes_below(options.directory + "/history") < before);
  reopen();
  CHECK(engine->readable_from(table->id) == *reach);
}

}  // namespace
}  // namespace tidemark::storage

// Upkeep happens by the schedule: when time passes, and when the log has grown.
#include <algorithm>

#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

using namespace std::chrono_literals;

class UpkeepFixture : public EngineFixture {
 public:
  [[nodiscard]] bool has_sealed_history() const {
    const auto names = files->list(options.directory + "/history");
    REQUIRE(names);
    return std::any_of(names->begin(), names->end(),
                       [](const std::string& name) { return name.ends_with(".sst"); });
  }
  [[nodiscard]] bool has_checkpoint() const {
    const auto names = files->list(options.directory);
    REQUIRE(names);
    return std::find(names->begin(), names->end(), "CHECKPOINT") != names->end();
  }
};

TEST_CASE_METHOD(UpkeepFixture, "history is sealed when its time has come, without anybody's doing") {
  open();
  auto recorded = schema("t");
  recorded.pitr.enabled = true;
  recorded.pitr.enabled_at = clock.now();
  const auto table = create(std::move(recorded));
  put(table, "a", 1);
  put(table, "a", 1);
  REQUIRE(schedule.advance(59min));
  CHECK_FALSE(has_sealed_history());
  REQUIRE(schedule.advance(2min));
  CHECK(has_sealed_history());
}

TEST_CASE_METHOD(UpkeepFixture, "a log that grows calls for a checkpoint at once") {
  options.checkpoint_log_bytes = 1 << 20;
  open();
  const auto table = create(schema("t"));
  const model::AttributeMap large{{"v", text_value(std::string(100'000, 'x'))}};
  put(table, "a", 0, large);
  schedule.run_due();
  CHECK_FALSE(has_checkpoint());
  for (int i = 1; i < 30; ++i) put(table, "a", i, large);
  schedule.run_due();
  CHECK(has_checkpoint());
}

TEST_CASE_METHOD(UpkeepFixture, "the time of the last commit outlives a restart") {
  options.checkpoint_at_close = GENERATE(true, false);
  open();
  CHECK_FALSE(engine->last_commit_time().has_value());
  const auto table = create(schema("t"));
  const Timestamp last = put(table, "a", 1);
  CHECK(engine->last_commit_time() == last);
  reopen();
  const auto found = engine->last_commit_time();
  REQUIRE(found.has_value());
  CHECK(*found >= last);
  CHECK(*found <= last.plus(1ms));
}

}  // namespace
}  // namespace tidemark::storage

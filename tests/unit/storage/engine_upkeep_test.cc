// Upkeep happens when time passes, by the schedule, and when the log has grown, without it.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/support/captured_log.h"
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
  // Without the schedule, which may be busy with a move of the clock.
  const auto patience = std::chrono::steady_clock::now() + 1min;
  while (!has_checkpoint() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
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

class RestartFixture : public UpkeepFixture {
 public:
  RestartFixture() {
    options.history_segment_bytes = 20'000;
    options.checkpoint_log_bytes = 10'000;
    open();
    auto recorded = schema("t");
    recorded.pitr.enabled = true;
    recorded.pitr.enabled_at = clock.now();
    create(std::move(recorded));
  }

  // A run of the process that writes about 10 KB of log.
  void run_shortly(int number) {
    for (int i = 0; i < 4; ++i) put(find("t"), "a", i, {{"v", text_value(std::string(1'000, 'x'))}});
    times.push_back(put(find("t"), "n", 0, {{"n", number_value(number)}}));
  }

  [[nodiscard]] std::uintmax_t log_bytes() const {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory + "/wal")) {
      bytes += entry.file_size();
    }
    return bytes;
  }

  // Every run's write is still there to be read.
  void check_history() {
    for (std::size_t i = 0; i < times.size(); ++i) {
      const auto snapshot = engine->snapshot_at(find("t")->id, times[i]);
      REQUIRE(snapshot);
      const auto reader = (*snapshot)->read({});
      REQUIRE(reader);
      bool found = false;
      const std::string wanted = item("n", 0, {{"n", number_value(static_cast<std::int64_t>(i))}}).text;
      while ((*reader)->next()) found = found || (*reader)->text() == wanted;
      CHECK(found);
    }
  }

  std::vector<Timestamp> times;
};

TEST_CASE_METHOD(RestartFixture,
                 "after a clean stop there is nothing to replay, however short the runs are") {
  for (int i = 0; i < 14; ++i) {
    run_shortly(i);
    engine.reset();
    CHECK(log_bytes() < 100);
    const CapturedLog log;
    open();
    CHECK(log.text().empty());
  }
  check_history();
}

TEST_CASE_METHOD(RestartFixture, "the log does not grow over short runs that are killed") {
  options.checkpoint_at_close = false;
  reopen();
  for (int i = 0; i < 14; ++i) {
    run_shortly(i);
    reopen();
    schedule.run_due();
    CHECK(log_bytes() < 80'000);
  }
  check_history();
}

}  // namespace
}  // namespace tidemark::storage

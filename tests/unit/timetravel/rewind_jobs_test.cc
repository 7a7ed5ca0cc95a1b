#include "timetravel/rewind_jobs.h"

#include <random>
#include <vector>

#include "tests/unit/timetravel/time_travel_fixture.h"

namespace tidemark::timetravel {
namespace {

class RewindFixture : public TimeTravelFixture {
 public:
  RewindFixture() { table = create_recorded("t"); }

  void change(std::mt19937& choice, int step) {
    const std::string pk = "p" + std::to_string(choice() % 9);
    const auto sk = static_cast<std::int64_t>(choice() % 40);
    if (choice() % 3 == 0) {
      remove(table, pk, sk);
    } else {
      put(table, pk, sk, {{"v", storage::number_value(step)}});
    }
  }

  // A moment between two writes. Commits run ahead of a clock that stands, snapshots by up to a millisecond.
  Timestamp moment() {
    clock.advance_micros(10'000);
    const Timestamp now = clock.now();
    clock.advance_micros(10'000);
    return now;
  }

  RewindRecord rewind(Timestamp to, std::vector<std::string> keys = {}) {
    const auto started = travel->rewinds.start({.table = table, .to = to, .keys = std::move(keys)});
    INFO((started ? std::string() : started.error().message));
    REQUIRE(started);
    return wait_for(started->arn);
  }
  RewindRecord wait_for(const std::string& arn) {
    while (true) {
      auto record = travel->rewinds.book().find(arn);
      REQUIRE(record);
      if (is_ended(record->status)) return *std::move(record);
      std::this_thread::yield();
    }
  }

  storage::TablePtr table;
};

TEST_CASE_METHOD(RewindFixture, "a table goes back to random moments, and forth") {
  const unsigned seed = GENERATE(1U, 2U);
  INFO("seed " << seed);
  std::mt19937 choice(seed);
  std::vector<std::pair<Timestamp, Items>> moments;
  for (int step = 0; step < 600; ++step) {
    change(choice, step);
    if (step % 60 == 59) moments.emplace_back(moment(), items_of(table));
    if (step == 300) {
      clock.advance_micros(3'600LL * 1'000'000);
      REQUIRE(engine->maintain());
    }
  }
  for (int i = 0; i < 12; ++i) {
    const auto& [time, items] = moments[choice() % moments.size()];
    const RewindRecord record = rewind(time);
    INFO(record.failure_message);
    REQUIRE(record.status == jobs::JobStatus::kCompleted);
    CHECK(record.totals.errors == 0);
    REQUIRE(items_of(table) == items);
    moments.emplace_back(moment(), items);
  }
  wait_for_holds(0);
}

TEST_CASE_METHOD(RewindFixture, "items go back alone, as their own kind of write") {
  put(table, "a", 1, {{"v", storage::number_value(1)}});
  put(table, "a", 2, {{"v", storage::number_value(1)}});
  const Timestamp then = moment();
  put(table, "a", 1, {{"v", storage::number_value(2)}});
  put(table, "a", 2, {{"v", storage::number_value(2)}});
  const auto record = rewind(then, {R"({"pk":{"S":"a"},"sk":{"N":"1"}})"});
  CHECK(record.totals.items == 1);
  CHECK(get(table, "a", 1) == item("a", 1, {{"v", storage::number_value(1)}}).text);
  CHECK(get(table, "a", 2) == item("a", 2, {{"v", storage::number_value(2)}}).text);
  const auto history = engine->item_history(table->id, key("a", 1));
  REQUIRE(history);
  std::vector<wal::Origin> origins;
  while (true) {
    const auto revision = (*history)->next();
    REQUIRE(revision);
    if (!*revision) break;
    origins.push_back((*revision)->origin);
  }
  CHECK(origins == std::vector{wal::Origin::kClient, wal::Origin::kClient, wal::Origin::kRewind});
}

TEST_CASE_METHOD(RewindFixture, "an item that is named twice goes back once") {
  put(table, "a", 1, {{"v", storage::number_value(1)}});
  const Timestamp then = moment();
  put(table, "a", 1, {{"v", storage::number_value(2)}});
  const std::string key = R"({"pk":{"S":"a"},"sk":{"N":"1"}})";
  const auto record = rewind(then, {key, key});
  CHECK(record.status == jobs::JobStatus::kCompleted);
  CHECK(record.totals.items == 1);
  CHECK(get(table, "a", 1) == item("a", 1, {{"v", storage::number_value(1)}}).text);
}

TEST_CASE_METHOD(RewindFixture, "a rewind that was cut off goes on after a restart") {
  for (int i = 0; i < 500; ++i) put(table, "a", i, {{"v", storage::number_value(1)}});
  const Timestamp then = moment();
  const Items items = items_of(table);
  for (int i = 0; i < 500; ++i) put(table, "a", i, {{"v", storage::number_value(2)}});
  const auto started = travel->rewinds.start({.table = table, .to = then, .keys = {}});
  REQUIRE(started);
  restart();
  table = find("t");
  CHECK(wait_for(started->arn).status == jobs::JobStatus::kCompleted);
  CHECK(items_of(table) == items);
  wait_for_holds(0);
}

TEST_CASE_METHOD(RewindFixture, "a rewind that goes on days later takes back its last second, too") {
  const auto version = [](std::int64_t number) -> model::AttributeMap {
    return {{"v", storage::number_value(number)}};
  };
  for (const int i : {0, 1, 2, 4, 5}) put(table, "a", i, version(1));
  const Timestamp then = moment();
  REQUIRE(clock.set(clock.now().floor_second().plus_seconds(1)));
  put(table, "a", 0, version(2));
  put(table, "a", 1, version(2));
  remove(table, "a", 2);
  put(table, "a", 3, version(2));
  put(table, "a", 4, version(2));
  remove(table, "a", 5);
  // As the end of the process leaves it: recorded, and nothing done.
  RewindRecord record;
  record.account_id = table->schema.account_id;
  record.region = table->schema.region;
  record.table_arn = table->schema.arn();
  record.table_uuid = table->schema.uuid;
  record.table_id = storage::number(table->id);
  record.table_name = table->schema.name;
  record.kind = kRewindKind;
  record.start_time = clock.now().floor_millis();
  record.id = jobs::job_id(record.start_time, "0a1b2c3d");
  record.arn = record.table_arn + "/rewind/" + record.id;
  record.to = then;
  record.until = (*engine->snapshot(table->id))->time();
  if (GENERATE(false, true)) {
    for (int i = 0; i < 6; ++i) {
      record.keys.push_back(R"({"pk":{"S":"a"},"sk":{"N":")" + std::to_string(i) + R"("}})");
    }
  }
  REQUIRE(engine->holds().hold({.who = "rewind/" + record.arn,
                                .table = table->id,
                                .history_from = record.to,
                                .log_from = {},
                                .log_seconds = {}}));
  REQUIRE(engine->catalog().put_document(kRewindKind, record.arn, record.to_json()));
  // In the same second somebody else writes, and days pass.
  clock.advance_micros(2'000);
  put(table, "a", 1, version(3));
  remove(table, "a", 4);
  // Perhaps the job had brought it back already: that it was deleted is somebody's wish.
  put(table, "a", 5, version(1));
  remove(table, "a", 5);
  REQUIRE(schedule.advance(std::chrono::hours(80)));
  REQUIRE(engine->maintain());
  restart();
  REQUIRE(wait_for(record.arn).status == jobs::JobStatus::kCompleted);
  table = find("t");
  CHECK(get(table, "a", 0) == item("a", 0, version(1)).text);
  CHECK(get(table, "a", 1) == item("a", 1, version(3)).text);
  CHECK(get(table, "a", 2) == item("a", 2, version(1)).text);
  CHECK_FALSE(get(table, "a", 3));
  CHECK_FALSE(get(table, "a", 4));
  CHECK_FALSE(get(table, "a", 5));
}

TEST_CASE_METHOD(RewindFixture, "what cannot be rewound is refused in a sentence") {
  put(table, "a", 1);
  const auto refusal = [this](Timestamp to) {
    const auto started = travel->rewinds.start({.table = table, .to = to, .keys = {}});
    REQUIRE_FALSE(started);
    return started.error();
  };
  CHECK(refusal(clock.now().plus_seconds(-5)).code == ErrorCode::kInvalidArgument);
  CHECK(refusal(clock.now().plus_seconds(5)).code == ErrorCode::kInvalidArgument);
  CHECK(engine->holds().list().empty());
}

}  // namespace
}  // namespace tidemark::timetravel

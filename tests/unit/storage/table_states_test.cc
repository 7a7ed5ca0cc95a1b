// The life of tables over a real engine: what the catalog holds after each verb, and after a crash.
#include "storage/table_states.h"

#include <thread>

#include "tests/support/faulty_file_system.h"
#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

using model::IndexStatus;
using model::ProjectionType;
using model::TableStatus;
using std::chrono::seconds;

const FilledBy kImport{.kind = "import", .key = "arn:1"};

class StatesFixture : public EngineFixture {
 public:
  StatesFixture() { options.checkpoint_at_close = false; }

  TableStates& states() { return engine->table_states(); }

  static model::TableSchema with_index(const std::string& name) {
    model::TableSchema table = schema(name);
    table.indexes = {index("i", "g", "", ProjectionType::kAll)};
    table.attribute_definitions.push_back({.name = "g", .type = model::KeyType::kString});
    return table;
  }
  void use_slow_transitions() {
    options.transition_times = {.create = seconds(10),
                                .update = seconds(20),
                                .delete_index = seconds(30),
                                .delete_table = seconds(40)};
  }
  // As the end of the process leaves it, so much later.
  void die_and_come_back(std::int64_t after_seconds) {
    engine.reset();
    clock.advance_seconds(after_seconds);
    open();
  }
  // `ACTIVE`, `UPDATING i:DELETING`, or `gone`.
  std::string state_of(const std::string& name) {
    const TablePtr table = find(name);
    if (!table) return "gone";
    std::string text(model::table_status_name(table->schema.status));
    for (const auto& one : table->schema.indexes) {
      text += " " + one.name + ":" + std::string(model::index_status_name(one.status));
    }
    return text;
  }
};

TEST_CASE_METHOD(StatesFixture, "at once: the answer shows the passing state, the catalog never holds it") {
  open();
  const auto created = states().begin_create(with_index("t"));
  REQUIRE(created);
  CHECK((*created)->schema.status == TableStatus::kCreating);
  CHECK((*created)->schema.indexes[0].status == IndexStatus::kCreating);
  CHECK(state_of("t") == "ACTIVE i:ACTIVE");
  CHECK(find("t")->id == (*created)->id);
  CHECK(find("t")->schema.status_until == std::nullopt);

  auto change = hold(find("t"));
  change.settings().deletion_protection = true;
  const auto updated = states().begin_update(std::move(change),
                                             {.updated = {(*created)->schema.indexes[0].id}, .deleted = {}});
  REQUIRE(updated);
  CHECK((*updated)->schema.status == TableStatus::kUpdating);
  CHECK((*updated)->schema.indexes[0].status == IndexStatus::kUpdating);
  CHECK((*updated)->schema.deletion_protection);
  CHECK(state_of("t") == "ACTIVE i:ACTIVE");
  CHECK(find("t")->schema.deletion_protection);

  const auto deleted = states().begin_delete(hold(find("t")));
  REQUIRE(deleted);
  CHECK((*deleted)->schema.status == TableStatus::kDeleting);
  CHECK(state_of("t") == "gone");
  CHECK(states().hold((*deleted)->id).error().code == ErrorCode::kNotFound);
}

TEST_CASE_METHOD(StatesFixture,
                 "at once: whatever the process was at when it ended, no table is in between") {
  open();
  const TablePtr table = create(with_index("t"));
  die_and_come_back(0);
  CHECK(state_of("t") == "ACTIVE i:ACTIVE");
  REQUIRE(states().begin_update(hold(table), {.updated = {}, .deleted = {table->schema.indexes[0].id}}));
  die_and_come_back(0);
  CHECK(state_of("t") == "ACTIVE");
  REQUIRE(states().begin_delete(hold(table)));
  die_and_come_back(0);
  CHECK(state_of("t") == "gone");
}

TEST_CASE_METHOD(StatesFixture, "in time: a start goes on with the states that the process left") {
  struct Case {
    std::int64_t after_seconds;
    const char* created;
    const char* updated;
    const char* deleted;
  };
  const auto c = GENERATE(values<Case>({
      {0, "CREATING i:CREATING", "UPDATING i:DELETING", "DELETING i:ACTIVE"},
      {9, "CREATING i:CREATING", "UPDATING i:DELETING", "DELETING i:ACTIVE"},
      {10, "ACTIVE i:ACTIVE", "UPDATING i:DELETING", "DELETING i:ACTIVE"},
      {20, "ACTIVE i:ACTIVE", "ACTIVE i:DELETING", "DELETING i:ACTIVE"},
      {30, "ACTIVE i:ACTIVE", "ACTIVE", "DELETING i:ACTIVE"},
      {40, "ACTIVE i:ACTIVE", "ACTIVE", "gone"},
  }));
  INFO(c.after_seconds << " s later");
  open();
  const TablePtr changing = create(with_index("updated"));
  const TablePtr dying = create(with_index("deleted"));
  use_slow_transitions();
  die_and_come_back(0);
  CHECK(state_of("updated") == "ACTIVE i:ACTIVE");

  create(with_index("created"));
  REQUIRE(
      states().begin_update(hold(changing), {.updated = {}, .deleted = {changing->schema.indexes[0].id}}));
  REQUIRE(states().begin_delete(hold(dying)));
  die_and_come_back(c.after_seconds);
  CHECK(state_of("created") == c.created);
  CHECK(state_of("updated") == c.updated);
  CHECK(state_of("deleted") == c.deleted);
  if (c.after_seconds < 40) CHECK(engine->catalog().find(dying->id) != nullptr);
}

TEST_CASE_METHOD(StatesFixture, "in time: states end as the clock goes, in the order of their times") {
  use_slow_transitions();
  open();
  const TablePtr table = create(with_index("t"));
  CHECK(state_of("t") == "CREATING i:CREATING");
  REQUIRE(schedule.advance(seconds(9)));
  CHECK(state_of("t") == "CREATING i:CREATING");
  REQUIRE(schedule.advance(seconds(1)));
  CHECK(state_of("t") == "ACTIVE i:ACTIVE");

  REQUIRE(states().begin_update(hold(table), {.updated = {}, .deleted = {table->schema.indexes[0].id}}));
  CHECK(state_of("t") == "UPDATING i:DELETING");
  REQUIRE(schedule.advance(seconds(20)));
  CHECK(state_of("t") == "ACTIVE i:DELETING");
  put(find("t"), "a", 1, {{"g", text_value("x")}});
  CHECK(engine->stats(table->schema.indexes[0].id).item_count == 1);
  REQUIRE(schedule.advance(seconds(10)));
  CHECK(state_of("t") == "ACTIVE");
  CHECK(engine->stats(table->schema.indexes[0].id).item_count == 0);
  CHECK(find("t")->schema.attribute_definitions.size() == 2);

  const auto deleted = states().begin_delete(hold(find("t")));
  REQUIRE(deleted);
  CHECK(find("t") != nullptr);
  CHECK(states().begin_create(schema("t")).error().code == ErrorCode::kAlreadyExists);
  REQUIRE(schedule.advance(seconds(40)));
  CHECK(state_of("t") == "gone");
  CHECK(try_put(table, "a", 1).error().code == ErrorCode::kNotFound);
}

TEST_CASE_METHOD(StatesFixture, "in time: tables do not wait for one another") {
  use_slow_transitions();
  open();
  create(schema("a"));
  REQUIRE(schedule.advance(seconds(5)));
  create(schema("b"));
  create(schema("c"));
  REQUIRE(schedule.advance(seconds(5)));
  CHECK(state_of("a") == "ACTIVE");
  CHECK(state_of("b") == "CREATING");
  REQUIRE(states().abandon(find("b")->id));
  REQUIRE(schedule.advance(seconds(5)));
  CHECK(state_of("b") == "gone");
  CHECK(state_of("c") == "ACTIVE");
}

TEST_CASE_METHOD(StatesFixture, "in time: a restart goes on as if the process had lived") {
  use_slow_transitions();
  open();
  create(schema("t"));
  die_and_come_back(4);
  REQUIRE(schedule.advance(seconds(5)));
  CHECK(state_of("t") == "CREATING");
  REQUIRE(schedule.advance(seconds(1)));
  CHECK(state_of("t") == "ACTIVE");
}

TEST_CASE_METHOD(StatesFixture, "in time: a state that cannot end because the disk fails ends later") {
  FaultyFileSystem faulty;
  files = &faulty;
  options.sync_writes = true;
  use_slow_transitions();
  open();
  create(schema("t"));
  faulty.fail_operation(1);
  REQUIRE(schedule.advance(seconds(10)));
  CHECK(state_of("t") == "CREATING");
  faulty.heal();
  REQUIRE(schedule.advance(seconds(5)));
  CHECK(state_of("t") == "ACTIVE");
  engine.reset();
}

TEST_CASE_METHOD(StatesFixture, "in time: a table may be held, and the engine closed, while states end") {
  options.transition_times = {
      .create = seconds(1), .update = seconds(1), .delete_index = seconds(1), .delete_table = seconds(1)};
  schedule.start();
  open();
  for (int i = 0; i < 20; ++i) {
    const TablePtr table = create(schema("t" + std::to_string(i)));
    std::optional<TableChange> change = hold(table);
    std::thread mover([this] { static_cast<void>(schedule.advance(seconds(1))); });
    change->settings().deletion_protection = true;
    const auto saved = states().save(*std::move(change));
    mover.join();
    CHECK(saved);
    CHECK(state_of("t" + std::to_string(i)) == "ACTIVE");
    if (i == 10) reopen();
  }
  engine.reset();
  schedule.stop();
}

TEST_CASE_METHOD(StatesFixture, "a table that a job fills waits for the job, over restarts") {
  open();
  const TablePtr table = create(with_index("t"), kImport);
  REQUIRE(engine->catalog().put_document(kImport.kind, kImport.key, "{}"));
  CHECK(state_of("t") == "CREATING i:CREATING");
  die_and_come_back(1'000'000);
  CHECK(state_of("t") == "CREATING i:CREATING");
  CHECK(find("t")->filled_by == kImport);

  SECTION("which fills it") {
    const auto filled = states().filled(table->id);
    REQUIRE(filled);
    CHECK((*filled)->schema.status == TableStatus::kActive);
    CHECK(state_of("t") == "ACTIVE i:ACTIVE");
    CHECK((*filled)->filled_by == std::nullopt);
    REQUIRE(states().filled(table->id));
  }
  SECTION("which gives up") {
    REQUIRE(states().abandon(table->id));
    CHECK(state_of("t") == "gone");
    CHECK(states().filled(table->id).error().code == ErrorCode::kNotFound);
    CHECK(states().abandon(table->id).error().code == ErrorCode::kNotFound);
  }
}

TEST_CASE_METHOD(StatesFixture, "a table whose job was never recorded is removed at the next start") {
  open();
  create(schema("t"), kImport);
  die_and_come_back(0);
  CHECK(state_of("t") == "gone");
}

TEST_CASE_METHOD(StatesFixture, "a new index is CREATING until it is filled") {
  open();
  const TablePtr table = create(schema("t"));
  auto change = hold(table);
  change.settings().indexes.push_back(index("n", "g", "", ProjectionType::kAll));
  const auto updated = states().begin_update(std::move(change));
  REQUIRE(updated);
  CHECK((*updated)->schema.indexes[0].status == model::IndexStatus::kCreating);
  CHECK((*updated)->schema.indexes[0].backfilling);
  // In the background.
  while (state_of("t") != "ACTIVE n:ACTIVE") std::this_thread::yield();
  die_and_come_back(1'000'000);
  CHECK(state_of("t") == "ACTIVE n:ACTIVE");
  const TableId id = find("t")->schema.indexes[0].id;
  CHECK(states().index_filled(table->id, TableId{99}).error().code == ErrorCode::kNotFound);
  REQUIRE(states().index_filled(table->id, id));
  CHECK(state_of("t") == "ACTIVE n:ACTIVE");
  REQUIRE(states().index_filled(table->id, id));
}

TEST_CASE_METHOD(StatesFixture, "a verb that cannot be logged leaves the table as it was") {
  FaultyFileSystem faulty;
  files = &faulty;
  options.sync_writes = true;
  open();
  const TablePtr table = create(with_index("t"));
  const auto failing = [&faulty] { faulty.fail_operation(1); };
  failing();
  CHECK_FALSE(states().begin_create(schema("new")));
  CHECK(state_of("new") == "gone");
  failing();
  CHECK_FALSE(states().begin_update(hold(table), {.updated = {}, .deleted = {table->schema.indexes[0].id}}));
  CHECK(state_of("t") == "ACTIVE i:ACTIVE");
  failing();
  CHECK_FALSE(states().begin_delete(hold(table)));
  CHECK(state_of("t") == "ACTIVE i:ACTIVE");
  faulty.heal();
  REQUIRE(states().begin_delete(hold(table)));
  engine.reset();
}

TEST_CASE_METHOD(StatesFixture, "changes of a table held still are never lost") {
  open();
  const TablePtr table = create(schema("t"));
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        auto change = states().hold(table->id);
        if (!change) {
          ++failures;
          continue;
        }
        change->settings().tags.push_back({.key = std::to_string(t * 25 + i), .value = {}});
        if (!states().save(*std::move(change))) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(find("t")->schema.tags.size() == 100);
}

}  // namespace
}  // namespace tidemark::storage

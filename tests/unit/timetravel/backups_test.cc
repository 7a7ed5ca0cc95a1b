#include "timetravel/backups.h"

#include "tests/unit/timetravel/time_travel_fixture.h"

namespace tidemark::timetravel {
namespace {

using namespace std::chrono_literals;

void fill(TimeTravelFixture& fixture, const storage::TablePtr& table, int from, int to) {
  for (int i = from; i < to; ++i) fixture.put(table, "p", i);
}

TEST_CASE("a backup shows its moment, whatever comes later") {
  TimeTravelFixture fixture;
  const auto table = fixture.create(fixture.schema("t"));
  fill(fixture, table, 0, 10);
  const BackupPtr first = fixture.back_up(table);
  fill(fixture, table, 10, 20);
  const BackupPtr second = fixture.back_up(table);
  for (int i = 0; i < 20; ++i) fixture.remove(table, "p", i);
  CHECK(first->item_count == 10);
  CHECK(second->item_count == 20);

  SECTION("the table stays") {}
  SECTION("days pass, and history is thinned out") {
    for (int day = 0; day < 4; ++day) {
      REQUIRE(fixture.schedule.advance(24h));
      fill(fixture, table, 100 * day, 100 * day + 3);
      REQUIRE(fixture.engine->maintain());
    }
  }
  SECTION("the process ends") { fixture.restart(); }
  SECTION("the table is deleted") {
    fixture.drop(table);
    REQUIRE(fixture.engine->maintain());
    SECTION("and another one has its name") { fill(fixture, fixture.create(fixture.schema("t")), 50, 60); }
    SECTION("and the process ends") { fixture.restart(); }
    SECTION("and the process ends without a checkpoint") {
      fixture.options.checkpoint_at_close = false;
      fixture.restart();
    }
  }
  CHECK(fixture.items_of(fixture.restore(fixture.request(*first, "c1"))).size() == 10);
  CHECK(fixture.items_of(fixture.restore(fixture.request(*second, "c2"))).size() == 20);
}

TEST_CASE("a deleted table leaves the disk with its last backup") {
  TimeTravelFixture fixture;
  const auto table = fixture.create(fixture.schema("t"));
  fill(fixture, table, 0, 100);
  const BackupPtr first = fixture.back_up(table);
  const BackupPtr second = fixture.back_up(table);
  fixture.drop(table);
  REQUIRE(fixture.travel->backups.remove(first->arn));
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.engine->catalog().find_retired(table->id));
  CHECK(fixture.engine->stats(table->id).item_count == 100);
  REQUIRE(fixture.travel->backups.remove(second->arn));
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.engine->catalog().retired().empty());
  CHECK(fixture.engine->dropped().empty());
  CHECK(fixture.engine->stats(table->id).item_count == 0);
  CHECK(fixture.engine->holds().list().empty());
}

TEST_CASE("of a table that is overwritten all the time, a backup keeps little") {
  TimeTravelFixture fixture;
  fixture.options.history_segment_changes = 200;
  fixture.restart();
  const auto table = fixture.create(fixture.schema("t"));
  const auto write = [&](int version) {
    fixture.put(
        table, "hot", 1,
        {{"v", storage::number_value(version)}, {"text", storage::text_value(fixture.random.hex(4'000))}});
  };
  write(-1);
  const BackupPtr backup = fixture.back_up(table);
  for (int version = 0; version < 1'000; ++version) {
    write(version);
    fixture.clock.advance_seconds(10);
  }
  REQUIRE(fixture.schedule.advance(3 * 24h));
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.engine->history_bytes()[table->id] < 20'000);  // of four megabytes
  const auto restored = fixture.restore(fixture.request(*backup, "back"));
  REQUIRE(fixture.items_of(restored).size() == 1);
  CHECK(fixture.items_of(restored).begin()->second.find("\"N\":\"-1\"") != std::string::npos);
  // In between nothing is promised any more.
  CHECK_FALSE(
      fixture.engine->snapshot_at(table->id, backup->moment.plus_seconds(100), storage::Reach::kHeld));
}

TEST_CASE("what a backup keeps stays while its record cannot be read") {
  // As a later version may write it, or a fault of the disk.
  const std::string text = GENERATE("{}", "[]", R"({"arn":5,"hold":{"name":"x"}})");
  TimeTravelFixture fixture;
  const auto table = fixture.create_recorded("t");
  fill(fixture, table, 0, 10);
  SECTION("of a user") {
    fixture.back_up(table);
    fill(fixture, table, 10, 20);
  }
  SECTION("of a deleted table") { fixture.drop(table); }
  REQUIRE(fixture.all_backups().size() == 1);
  const BackupRecord backup = *fixture.all_backups().front();
  const auto holds = fixture.engine->holds().list().size();
  REQUIRE(fixture.engine->catalog().put_document("backup", backup.arn, text));
  for (int round = 0; round < 2; ++round) {
    fixture.restart();
    CHECK(fixture.all_backups().empty());
    CHECK(fixture.engine->holds().list().size() == holds);
    REQUIRE(fixture.schedule.advance(48h));
    REQUIRE(fixture.engine->maintain());
  }
  const auto documents = fixture.engine->catalog().list_documents("backup");
  REQUIRE(documents.size() == 1);
  CHECK(documents.begin()->second == text);
  REQUIRE(fixture.engine->catalog().put_document("backup", backup.arn, backup.to_json()));
  fixture.restart();
  CHECK(fixture.items_of(fixture.restore(fixture.request(backup, "back"))).size() == 10);
  REQUIRE(fixture.travel->backups.remove(backup.arn));
}

TEST_CASE("a backup that is gone cannot be found, removed or restored") {
  TimeTravelFixture fixture;
  const auto table = fixture.create(fixture.schema("t"));
  const BackupPtr backup = fixture.back_up(table);
  CHECK(fixture.travel->backups.find(backup->arn));
  REQUIRE(fixture.travel->backups.remove(backup->arn));
  CHECK_FALSE(fixture.travel->backups.find(backup->arn));
  const auto again = fixture.travel->backups.remove(backup->arn);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::kNotFound);
  fixture.restart();
  CHECK(fixture.all_backups().empty());
}

TEST_CASE("pages of backups, in the order in which they were made") {
  TimeTravelFixture fixture;
  const auto table = fixture.create(fixture.schema("t"));
  std::vector<BackupPtr> made;
  for (int i = 0; i < 5; ++i) {
    made.push_back(fixture.back_up(table, "b" + std::to_string(i)));
    fixture.clock.advance_micros(1'000);
  }
  const auto all = [](const BackupRecord&) { return true; };
  const auto first = fixture.travel->backups.list({}, 2, all);
  CHECK(first.has_more);
  CHECK(first.records == std::vector{made[0], made[1]});
  REQUIRE(fixture.travel->backups.remove(made[1]->arn));
  const auto rest = fixture.travel->backups.list(made[1]->arn, 3, all);
  CHECK_FALSE(rest.has_more);
  CHECK(rest.records == std::vector{made[2], made[3], made[4]});
}

TEST_CASE("the deletion of a table with recovery makes a backup that expires") {
  TimeTravelFixture fixture;
  const auto table = fixture.create_recorded("t");
  fill(fixture, table, 0, 10);
  fixture.drop(table);
  const auto made = fixture.all_backups();
  REQUIRE(made.size() == 1);
  const BackupRecord& backup = *made.front();
  CHECK(backup.type == BackupType::kSystem);
  CHECK(backup.name == "t$DeletedTableBackup");
  CHECK(backup.id.ends_with("-00000000"));
  CHECK(backup.item_count == 10);
  REQUIRE(backup.expires_at);
  CHECK(*backup.expires_at == backup.created_at.plus_seconds(35 * 86'400));

  SECTION("it can be restored") {
    SECTION("at once") {}
    SECTION("after a restart") { fixture.restart(); }
    SECTION("weeks later") { REQUIRE(fixture.schedule.advance(34 * 24h)); }
    CHECK(fixture.items_of(fixture.restore(fixture.request(backup, "back"))).size() == 10);
  }
  SECTION("when its time is over, the clock removes it, and the table leaves the disk") {
    REQUIRE(fixture.schedule.advance(35 * 24h + 1h));
    CHECK_FALSE(fixture.travel->backups.find(backup.arn));
    fixture.wait_for_holds(0);
    REQUIRE(fixture.schedule.advance(1min));
    CHECK(fixture.engine->catalog().retired().empty());
    CHECK(fixture.engine->dropped().empty());
  }
}

TEST_CASE("tables of one name that are deleted in the same millisecond have backups of their own") {
  TimeTravelFixture fixture;
  for (int number = 1; number <= 3; ++number) {
    const auto table = fixture.create_recorded("t");
    fill(fixture, table, 0, number);
    fixture.drop(table);
  }
  const auto made = fixture.all_backups();
  REQUIRE(made.size() == 3);
  for (int number = 1; number <= 3; ++number) {
    const BackupRecord& backup = *made[static_cast<std::size_t>(number - 1)];
    CHECK(backup.item_count == number);
    const auto restored = fixture.restore(fixture.request(backup, "back" + std::to_string(number)));
    CHECK(fixture.items_of(restored).size() == static_cast<std::size_t>(number));
  }
}

TEST_CASE("a table whose deletion was cut off before its backup was recorded gets it at the next start") {
  TimeTravelFixture fixture;
  const auto table = fixture.create_recorded("t");
  fill(fixture, table, 0, 10);
  fixture.engine->table_states().on_retired({});
  fixture.drop(table);
  CHECK(fixture.all_backups().empty());
  fixture.restart();
  REQUIRE(fixture.all_backups().size() == 1);
  CHECK(fixture.items_of(fixture.restore(fixture.request(*fixture.all_backups().front(), "back"))).size() ==
        10);
  fixture.restart();
  CHECK(fixture.all_backups().size() == 1);
}

TEST_CASE("halves of backups are cleared away at the next start") {
  TimeTravelFixture fixture;
  const auto table = fixture.create(fixture.schema("t"));
  const BackupPtr backup = fixture.back_up(table);
  SECTION("a hold without a record") {
    REQUIRE(fixture.engine->catalog().remove_document("backup", backup->arn));
  }
  SECTION("a record without a hold") { REQUIRE(fixture.engine->holds().release(backup->hold)); }
  fixture.restart();
  CHECK(fixture.all_backups().empty());
  CHECK(fixture.engine->holds().list().empty());
}

TEST_CASE("the record of a backup comes back from disk") {
  TimeTravelFixture fixture;
  const auto table = fixture.create_recorded("t");
  fixture.drop(table);
  const BackupRecord& record = *fixture.all_backups().front();
  const auto read = BackupRecord::from_json(record.to_json());
  REQUIRE(read);
  CHECK(read->to_json() == record.to_json());
  CHECK(read->schema.name == "t");
  CHECK_FALSE(BackupRecord::from_json("{}"));
  CHECK_FALSE(BackupRecord::from_json("[]"));
}

}  // namespace
}  // namespace tidemark::timetravel

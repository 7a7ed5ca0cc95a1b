#include "timetravel/restore_jobs.h"

#include <random>
#include <vector>

#include "tests/unit/timetravel/time_travel_fixture.h"

namespace tidemark::timetravel {
namespace {

TEST_CASE("random moments are restored as a model knows them") {
  TimeTravelFixture fixture;
  const unsigned seed = 20'260'101;
  INFO("seed " << seed);
  std::mt19937 choice(seed);
  const auto table = fixture.create_recorded("source");
  struct Moment {
    Timestamp time;
    Items items;
  };
  std::vector<Moment> moments;
  for (int step = 0; step < 400; ++step) {
    const std::string pk = "p" + std::to_string(choice() % 9);
    const auto sk = static_cast<std::int64_t>(choice() % 7);
    if (choice() % 4 == 0) {
      fixture.remove(table, pk, sk);
    } else {
      fixture.put(table, pk, sk, {{"v", storage::number_value(step)}});
    }
    if (step % 40 != 39) continue;
    fixture.clock.advance_micros(1'000);
    moments.push_back({fixture.clock.now(), fixture.items_of(table)});
    fixture.clock.advance_micros(1'000);
    if (step == 199) fixture.restart();
  }
  for (std::size_t i = 0; i < moments.size(); ++i) {
    INFO("moment " << i);
    const auto source = fixture.find("source");
    const auto restored =
        fixture.restore(fixture.request(*source, "copy" + std::to_string(i), moments[i].time));
    CHECK(fixture.items_of(restored) == moments[i].items);
    const auto stats = fixture.engine->stats(restored->id);
    CHECK(static_cast<std::size_t>(stats.item_count) == moments[i].items.size());
  }
  fixture.wait_for_holds(0);
}

TEST_CASE("a restored table has the entries of its indexes") {
  TimeTravelFixture fixture;
  auto schema = fixture.schema("source");
  schema.indexes.push_back(fixture.index("by-color", "color", "", model::ProjectionType::kAll));
  schema.attribute_definitions.push_back({"color", model::KeyType::kString});
  const auto table = fixture.create(std::move(schema));
  for (int i = 0; i < 50; ++i) {
    storage::EngineFixture& engine = fixture;
    engine.put(table, "p" + std::to_string(i), i,
               i % 3 == 0 ? model::AttributeMap{} : model::AttributeMap{{"color", storage::text_value("red")}});
  }
  const auto restored = fixture.restore(fixture.request(*table, "copy", storage::kFromNowOn));
  CHECK(fixture.scan(fixture.index_of(restored, "by-color")) ==
        fixture.scan(fixture.index_of(table, "by-color")));
  CHECK(fixture.scan(fixture.index_of(restored, "by-color")).size() == 33);
}

TEST_CASE("an empty table is restored empty") {
  TimeTravelFixture fixture;
  const auto table = fixture.create_recorded("source");
  const auto restored = fixture.restore(fixture.request(*table, "copy", fixture.clock.now()));
  CHECK(fixture.items_of(restored).empty());
}

TEST_CASE("what a restore is refused for leaves nothing behind") {
  TimeTravelFixture fixture;
  const auto table = fixture.create_recorded("source");
  fixture.put(table, "a", 1);
  struct Case {
    const char* why;
    RestoreRequest request;
    RestoreRefusal refusal;
  };
  RestoreRequest no_table = fixture.request(*table, "copy", fixture.clock.now());
  no_table.record.source_table_id = 4'711;
  const std::vector<Case> cases = {
      {"the target exists", fixture.request(*table, "source", fixture.clock.now()),
       RestoreRefusal::kTableExists},
      {"before the history", fixture.request(*table, "copy", table->schema.pitr.enabled_at.plus_seconds(-9)),
       RestoreRefusal::kTimeUnavailable},
      {"there is no such source", no_table, RestoreRefusal::kSourceNotFound},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const auto refused = fixture.travel->restores.start(c.request);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().refusal == c.refusal);
  }
  CHECK_FALSE(fixture.find("copy"));
  CHECK(fixture.engine->holds().list().empty());
  CHECK(fixture.travel->restores.book().unfinished().empty());
}

TEST_CASE("a restore goes on when its source is deleted") {
  TimeTravelFixture fixture;
  const auto table = fixture.create(fixture.schema("source"));
  for (int i = 0; i < 100; ++i) fixture.put(table, "p", i);
  const auto started = fixture.travel->restores.start(fixture.request(*table, "copy", storage::kFromNowOn));
  REQUIRE(started);
  fixture.drop(table);
  CHECK(fixture.ended(started->record.arn).status == jobs::JobStatus::kCompleted);
  CHECK(fixture.items_of(fixture.find("copy")).size() == 100);
  // Then nobody needs the deleted table any more.
  fixture.wait_for_holds(0);
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.engine->catalog().retired().empty());
}

TEST_CASE("a restore that was cut off begins again, and one that fails leaves no table") {
  TimeTravelFixture fixture;
  const auto table = fixture.create_recorded("source");
  for (int i = 0; i < 100; ++i) fixture.put(table, "p", i);
  // As the end of the process leaves it: recorded, its table CREATING, its history held, nothing copied.
  RestoreRequest request = fixture.request(*table, "copy", storage::kFromNowOn);
  RestoreRecord record = request.record;
  record.kind = kRestoreKind;
  record.table_name = "copy";
  record.table_arn = request.schema.arn();
  record.start_time = fixture.clock.now().floor_millis();
  record.id = jobs::job_id(record.start_time, "0a1b2c3d");
  record.arn = record.table_arn + "/restore/" + record.id;
  record.moment = fixture.clock.now();
  const auto begun = fixture.engine->table_states().begin_create(
      request.schema, storage::FilledBy{.kind = kRestoreKind, .key = record.arn});
  REQUIRE(begun);
  record.table_id = storage::number((*begun)->id);
  REQUIRE(fixture.engine->holds().hold({.who = "restore/" + record.arn,
                                        .table = table->id,
                                        .history_from = record.moment,
                                        .log_from = {},
                                        .log_seconds = {}}));
  for (int i = 0; i < 100; ++i) fixture.remove(table, "p", i);

  SECTION("it begins again") {
    REQUIRE(fixture.engine->catalog().put_document("restore", record.arn, record.to_json()));
    fixture.restart();
    CHECK(fixture.ended(record.arn).status == jobs::JobStatus::kCompleted);
    CHECK(fixture.items_of(fixture.find("copy")).size() == 100);
  }
  SECTION("what it needs is gone") {
    record.source_table_id = 4'711;
    REQUIRE(fixture.engine->catalog().put_document("restore", record.arn, record.to_json()));
    fixture.restart();
    const auto ended = fixture.ended(record.arn);
    CHECK(ended.status == jobs::JobStatus::kFailed);
    CHECK(ended.failure_code == "InternalServerError");
    CHECK_FALSE(fixture.find("copy"));
  }
  SECTION("it was never recorded") {
    fixture.restart();
    CHECK_FALSE(fixture.find("copy"));
  }
  fixture.wait_for_holds(0);
}

TEST_CASE("the record of a restore comes back from disk") {
  RestoreRecord record;
  record.kind = kRestoreKind;
  record.id = "01767225600123-0a1b2c3d";
  record.arn = "arn:aws:dynamodb:us-east-1:000000000000:table/copy/restore/01767225600123-0a1b2c3d";
  record.table_name = "copy";
  record.source_table_id = 12;
  record.source_table_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/source";
  record.backup_arn = "arn:b";
  record.restore_time = Timestamp{1'767'225'600'000'000};
  record.moment = Timestamp{1'767'225'600'000'001};
  record.loaded = true;
  const auto read = RestoreRecord::from_json(record.to_json());
  REQUIRE(read);
  CHECK(read->to_json() == record.to_json());
  CHECK(read->moment == record.moment);
  CHECK_FALSE(RestoreRecord::from_json("{}"));
}

}  // namespace
}  // namespace tidemark::timetravel

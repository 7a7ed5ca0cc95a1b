// Restores and backups over a real engine in a temporary folder, with a clock that moves when told to and
// files that fail when told to.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/random.h"
#include "jobs/job_registry.h"
#include "tests/support/faulty_file_system.h"
#include "tests/unit/storage/engine_fixture.h"
#include "timetravel/time_travel.h"

namespace tidemark::timetravel {

// The items of a table by key, `pk/sk`, with the text of each.
using Items = std::map<std::string, std::string>;

class TimeTravelFixture : public storage::EngineFixture {
 public:
  TimeTravelFixture() {
    files = &faulty;
    open_all();
  }
  ~TimeTravelFixture() { close_all(); }

  void open_all() {
    open();
    registry = std::make_unique<jobs::JobRegistry>(engine->catalog(), clock, random);
    travel = std::make_unique<TimeTravel>(*registry, *engine, clock, random, schedule, 2);
    registry->resume_all();
  }
  void close_all() {
    if (registry) registry->stop();
    travel.reset();
    registry.reset();
    engine.reset();
  }
  void restart() {
    close_all();
    open_all();
  }

  storage::TablePtr create_recorded(const std::string& name) {
    auto recorded = schema(name);
    recorded.uuid = random.uuid();
    recorded.pitr.enabled = true;
    recorded.pitr.enabled_at = clock.now();
    return create(std::move(recorded));
  }

  Items items_of(const storage::TablePtr& table) {
    Items items;
    for (const std::string& text : scan({table, nullptr})) {
      const auto key = model::key_of(table->schema.keys, text);
      REQUIRE(key);
      items.emplace(model::key_text(table->schema.keys, *key), text);
    }
    return items;
  }

  RestoreRequest request(const storage::Table& source, const std::string& target, Timestamp moment) {
    RestoreRequest request;
    request.record.account_id = source.schema.account_id;
    request.record.region = source.schema.region;
    request.record.source_table_id = storage::number(source.id);
    request.record.source_table_arn = source.schema.arn();
    request.record.restore_time = moment;
    request.moment = moment;
    request.schema = source.schema;
    request.schema.name = target;
    request.schema.uuid = random.uuid();
    request.schema.pitr = {};
    return request;
  }
  RestoreRequest request(const BackupRecord& backup, const std::string& target) {
    RestoreRequest request;
    request.record.account_id = backup.schema.account_id;
    request.record.region = backup.schema.region;
    request.record.source_table_id = storage::number(backup.table);
    request.record.source_table_arn = backup.schema.arn();
    request.record.backup_arn = backup.arn;
    request.moment = backup.moment;
    request.schema = backup.schema;
    request.schema.name = target;
    request.schema.uuid = random.uuid();
    request.schema.pitr = {};
    return request;
  }

  RestoreRecord ended(const std::string& arn) {
    while (true) {
      auto record = travel->restores.book().find(arn);
      REQUIRE(record);
      if (is_ended(record->status)) return *std::move(record);
      std::this_thread::yield();
    }
  }
  // Starts it and waits for its end; answers the new table.
  storage::TablePtr restore(RestoreRequest wanted) {
    const std::string target = wanted.schema.name;
    const auto started = travel->restores.start(std::move(wanted));
    REQUIRE(started);
    CHECK(started->table->schema.status == model::TableStatus::kCreating);
    const RestoreRecord record = ended(started->record.arn);
    INFO(record.failure_code);
    REQUIRE(record.status == jobs::JobStatus::kCompleted);
    CHECK(record.totals.items ==
          static_cast<std::uint64_t>(engine->stats(storage::TableId{record.table_id}).item_count));
    auto table = find(target);
    REQUIRE(table);
    CHECK(table->schema.status == model::TableStatus::kActive);
    return table;
  }
  BackupPtr back_up(const storage::TablePtr& table, const std::string& name = "backup") {
    auto backup = travel->backups.create(*table, name);
    REQUIRE(backup);
    return *std::move(backup);
  }
  std::vector<BackupPtr> all_backups() {
    return travel->backups.list({}, 1'000, [](const BackupRecord&) { return true; }).records;
  }
  // Restores let go of what they held once their record says that they are over.
  void wait_for_holds(std::size_t count) {
    while (engine->holds().list().size() != count) std::this_thread::yield();
  }

  FaultyFileSystem faulty;
  SeededRandom random{7};
  std::unique_ptr<jobs::JobRegistry> registry;
  std::unique_ptr<TimeTravel> travel;
};

}  // namespace tidemark::timetravel

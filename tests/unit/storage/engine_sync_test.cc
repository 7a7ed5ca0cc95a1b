// Disks that are slow to make things safe: who has nothing to do with it does not wait.
#include <chrono>
#include <future>

#include "storage/bulk_loader.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/gated_file_system.h"
#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

const FilledBy kImport{.kind = "import", .key = "arn:1"};

// The gate holds every sync.
class SlowDiskFixture : public EngineFixture {
 public:
  SlowDiskFixture() {
    EngineFixture::files = &gated;
    options.checkpoint_log_bytes = 1'000;
    options.history_segment_changes = 2;
    open();
    auto recorded = schema("t");
    recorded.pitr.enabled = true;
    recorded.pitr.enabled_at = clock.now();
    table = create(std::move(recorded));
    for (int i = 0; i < 20; ++i) put(table, "a", i % 3);
    gated.close_gate();
  }
  ~SlowDiskFixture() {
    gated.open_gate();
    engine.reset();
  }
  SlowDiskFixture(const SlowDiskFixture&) = delete;
  SlowDiskFixture& operator=(const SlowDiskFixture&) = delete;

  // Runs `work` to its end, and each time that it waits for the disk, looks whether somebody waits for it.
  // Returns how often it was held.
  int watch(const std::function<Result<void>()>& work) {
    auto done = std::async(std::launch::async, work);
    int held = 0;
    while (done.wait_for(std::chrono::milliseconds{1}) != std::future_status::ready) {
      if (!gated.is_held()) continue;
      ++held;
      everybody_goes_on();
      gated.let_through();
    }
    REQUIRE(done.get());
    return held;
  }

  void everybody_goes_on() {
    auto others = std::async(std::launch::async, [this] {
      return engine->get(*table, key("a", 1)).has_value() && try_put(table, "a", 1).has_value() &&
             engine->snapshot(table->id).has_value() &&
             engine->snapshot_at(table->id, clock.now()).has_value() &&
             engine->change_log().first_held() > wal::SequenceNumber{} &&
             engine->last_commit_time().has_value();
    });
    const bool waits = others.wait_for(std::chrono::seconds{10}) != std::future_status::ready;
    if (waits) gated.open_gate();
    CHECK_FALSE(waits);
    CHECK(others.get());
  }

  GatedFileSystem gated{posix_file_system(), GatedFileSystem::Gate::kSyncs};
  TablePtr table;
};

TEST_CASE_METHOD(SlowDiskFixture, "reads and writes go on while a checkpoint waits for the disk") {
  CHECK(watch([this] { return engine->maintain(); }) >= 5);
}

TEST_CASE_METHOD(SlowDiskFixture, "reads and writes go on while a load waits for the disk") {
  const auto loaded = create(schema("loaded"), kImport);
  const int held = watch([&]() -> Result<void> {
    ASSIGN_OR_RETURN(const auto loader, engine->bulk_loader(loaded->id, {}));
    {
      const auto feeder = loader->feeder();
      RETURN_IF_ERROR(feeder->add(key("a", 1), item("a", 1), 1));
      RETURN_IF_ERROR(feeder->flush());
    }
    RETURN_IF_ERROR(loader->finish());
    return {};
  });
  CHECK(held >= 1);
  CHECK(engine->stats(loaded->id).item_count == 1);
  CHECK(scan({loaded, {}}).size() == 1);
}

class LaterFixture : public EngineFixture {
 public:
  // The outcome of a put that no thread waits for, once there is one.
  static std::future<Result<void>> commit(Transaction& transaction) {
    auto promise = std::make_shared<std::promise<Result<void>>>();
    auto outcome = promise->get_future();
    transaction.commit_later([promise](Result<void> done) { promise->set_value(std::move(done)); });
    return outcome;
  }
  std::unique_ptr<Transaction> prepared(const TablePtr& table, std::int64_t sk) {
    auto transaction = engine->begin();
    REQUIRE(transaction->lock({{table, key("a", sk)}}));
    REQUIRE(transaction->read(0));
    transaction->put(0, item("a", sk));
    return transaction;
  }
};

TEST_CASE_METHOD(LaterFixture, "a commit that no thread waits for is as safe as any other") {
  FaultyFileSystem faulty;
  files = &faulty;
  options.sync_writes = true;
  options.checkpoint_at_close = false;
  open();
  const auto table = create(schema("t"));
  const auto transaction = prepared(table, 1);
  CHECK(commit(*transaction).get());
  // Its lock is let go.
  CHECK(try_put(table, "a", 1));
  engine.reset();
  faulty.lose_power(0);
  open();
  CHECK(get(find("t"), "a", 1));
  engine.reset();
}

TEST_CASE_METHOD(LaterFixture, "threads that wait and commits that do not take turns") {
  options.sync_writes = true;
  open();
  const auto table = create(schema("t"));
  constexpr int kWrites = 300;
  std::vector<std::future<bool>> waiting;
  for (int thread = 0; thread < 4; ++thread) {
    waiting.push_back(std::async(std::launch::async, [&, thread] {
      bool all = true;
      for (int i = 0; i < kWrites; ++i)
        all = try_put(table, "waits", thread * kWrites + i).has_value() && all;
      return all;
    }));
  }
  std::vector<std::unique_ptr<Transaction>> transactions;
  std::vector<std::future<Result<void>>> outcomes;
  for (int i = 0; i < kWrites; ++i) {
    transactions.push_back(prepared(table, i));
    outcomes.push_back(commit(*transactions.back()));
  }
  for (auto& outcome : outcomes) CHECK(outcome.get());
  for (auto& outcome : waiting) CHECK(outcome.get());
  CHECK(engine->stats(table->id).item_count == 5 * kWrites);
}

TEST_CASE_METHOD(LaterFixture, "a commit that was prepared for a table as it was says so") {
  options.sync_writes = true;
  open();
  const auto table = create(schema("t"));
  const auto transaction = prepared(table, 1);
  save(table, [](model::TableSchema& changed) {
    changed.indexes = {index("i", "pk", "", model::ProjectionType::kAll)};
  });
  const auto outcome = commit(*transaction).get();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::kConflict);
  CHECK_FALSE(get(table, "a", 1));
}

}  // namespace
}  // namespace tidemark::storage

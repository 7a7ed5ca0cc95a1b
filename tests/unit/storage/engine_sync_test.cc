// Disks that are slow to make things safe: who has nothing to do with it does not wait.
#include <chrono>
#include <future>

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

}  // namespace
}  // namespace tidemark::storage

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

constexpr int kThreads = 4;

std::int64_t value_of(std::string_view text) {
  const auto item = model::parse_item(text);
  REQUIRE(item);
  return std::stoll(item->at("v").number()->to_string());
}

// Adds `amounts[i]` to the counter of key i, for all at once.
Result<Timestamp> add(Engine& engine, const TablePtr& table,
                      const std::vector<std::pair<int, std::int64_t>>& amounts) {
  const auto transaction = engine.begin();
  std::vector<ItemRef> refs;
  for (const auto& [sk, amount] : amounts) refs.push_back({table, EngineFixture::key("counter", sk)});
  RETURN_IF_ERROR(transaction->lock(std::move(refs)));
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    ASSIGN_OR_RETURN(const auto old_item, transaction->read(i));
    std::int64_t value = amounts[i].second;
    if (old_item) {
      const auto parsed = model::parse_item(old_item->text());
      value += std::stoll(parsed->at("v").number()->to_string());
    }
    transaction->put(i, EngineFixture::item("counter", amounts[i].first, {{"v", number_value(value)}}));
  }
  return transaction->commit();
}

class ConcurrencyFixture : public EngineFixture {
 public:
  ConcurrencyFixture() {
    schedule.start();
    options.checkpoint_log_bytes = 100'000;
    options.history_segment_changes = 500;
  }
  void run(const std::function<void(int)>& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
    for (auto& thread : threads) thread.join();
  }
};

TEST_CASE_METHOD(ConcurrencyFixture,
                 "increments by many threads are never lost, and commit times are distinct") {
  options.sync_writes = GENERATE(false, true);
  const int rounds = options.sync_writes ? 100 : 1'000;
  open();
  const auto table = create(schema("t"));
  std::atomic<int> failures = 0;
  std::vector<std::vector<Timestamp>> times(kThreads);
  run([&](int thread) {
    for (int i = 0; i < rounds; ++i) {
      const auto time = add(*engine, table, {{i % 3, 1}});
      if (!time) {
        ++failures;
      } else {
        times[static_cast<std::size_t>(thread)].push_back(*time);
      }
    }
  });
  CHECK(failures == 0);
  std::vector<Timestamp> all;
  for (const auto& of_thread : times) {
    CHECK(std::is_sorted(of_thread.begin(), of_thread.end()));
    all.insert(all.end(), of_thread.begin(), of_thread.end());
  }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  std::int64_t sum = 0;
  for (int sk = 0; sk < 3; ++sk) sum += value_of(*get(table, "counter", sk));
  CHECK(sum == kThreads * rounds);
  CHECK(engine->stats(table->id).item_count == 3);
}

TEST_CASE_METHOD(ConcurrencyFixture, "cursors and snapshots see whole transactions only") {
  open();
  auto recoverable = schema("t");
  recoverable.pitr = {.enabled = true, .enabled_at = clock.now(), .recovery_period_days = 35};
  const auto table = create(recoverable);
  constexpr int kKeys = 12;
  std::vector<std::pair<int, std::int64_t>> initial;
  for (int sk = 0; sk < kKeys; ++sk) initial.emplace_back(sk, 100);
  const auto begun = add(*engine, table, initial);
  REQUIRE(begun);

  std::atomic<int> failures = 0;
  std::atomic<bool> done = false;
  std::thread reader([&] {
    std::int64_t rounds = 0;
    while (!done || rounds < 3) {
      ++rounds;
      std::int64_t sum = 0;
      for (const auto& text : scan({table, {}})) sum += value_of(text);
      if (sum != 100 * kKeys) ++failures;
      const auto snapshot =
          rounds % 2 == 0 ? engine->snapshot(table->id) : engine->snapshot_at(table->id, *begun);
      if (!snapshot) {
        ++failures;
        continue;
      }
      const auto items = (*snapshot)->read({});
      std::int64_t then = 0;
      while ((*items)->next()) then += value_of((*items)->text());
      if (then != 100 * kKeys) ++failures;
    }
  });
  run([&](int thread) {
    std::mt19937 rng(static_cast<unsigned>(thread));
    for (int i = 0; i < 500; ++i) {
      const int from = static_cast<int>(rng() % kKeys);
      const int to = static_cast<int>((static_cast<unsigned>(from) + 1 + rng() % (kKeys - 1)) % kKeys);
      if (!add(*engine, table, {{from, -1}, {to, 1}})) ++failures;
    }
  });
  done = true;
  reader.join();
  CHECK(failures == 0);
}

TEST_CASE_METHOD(ConcurrencyFixture, "tables come and go while others are written to") {
  open();
  const auto table = create(schema("steady"));
  std::atomic<int> failures = 0;
  run([&](int thread) {
    for (int i = 0; i < 40; ++i) {
      if (thread % 2 == 0) {
        for (int k = 0; k < 10; ++k) {
          if (!add(*engine, table, {{thread, 1}})) ++failures;
        }
        continue;
      }
      auto created = engine->table_states().begin_create(schema("t" + std::to_string(thread)));
      if (!created || !add(*engine, *created, {{1, 1}}) || !engine->table_states().abandon((*created)->id)) {
        ++failures;
      }
      if (created && add(*engine, *created, {{1, 1}})) ++failures;
    }
  });
  CHECK(failures == 0);
  CHECK(value_of(*get(table, "counter", 0)) == 400);
  CHECK(engine->catalog().all().size() == 1);
}

}  // namespace
}  // namespace tidemark::storage

#include "storage/commit/item_locks.h"

#include <atomic>
#include <latch>
#include <map>
#include <random>
#include <string>
#include <thread>

#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

constexpr Patience kNone{.with_writes = Wait::kNever, .with_transactions = Wait::kNever};
constexpr Patience kMoment{.with_writes = Wait::kMoment, .with_transactions = Wait::kMoment};

// Two keys of one stripe.
std::pair<std::string, std::string> neighbours() {
  std::map<std::uint16_t, std::string> seen;
  for (int i = 0;; ++i) {
    std::string key = "key" + std::to_string(i);
    const auto [place, is_new] = seen.emplace(ItemLocks::stripe_of(key), key);
    if (!is_new) return {place->second, std::move(key)};
  }
}

TEST_CASE("an item is held by one, and said to be held by whom") {
  const auto holder = GENERATE(LockHolder::kWrite, LockHolder::kTransaction);
  const auto patience = GENERATE(kNone, kMoment);
  ItemLocks locks;
  ItemLock first("a", holder);
  ItemLock second("a", LockHolder::kWrite);
  CHECK(locks.holder_of("a") == std::nullopt);
  CHECK(locks.lock(&first, patience) == std::nullopt);
  CHECK(locks.holder_of("a") == holder);
  CHECK(locks.lock(&second, patience) == holder);
  locks.unlock(&first);
  CHECK(locks.lock(&second, patience) == std::nullopt);
  CHECK(locks.holder_of("a") == LockHolder::kWrite);
  locks.unlock(&second);
  CHECK(locks.holder_of("a") == std::nullopt);
}

TEST_CASE("a neighbour by hash is no conflict") {
  const auto [a, b] = neighbours();
  ItemLocks locks;
  ItemLock first(a, LockHolder::kTransaction);
  ItemLock second(b, LockHolder::kWrite);
  CHECK(locks.lock(&first, kNone) == std::nullopt);
  CHECK(locks.lock(&second, kNone) == std::nullopt);
  locks.unlock(&first);
  CHECK(locks.holder_of(a) == std::nullopt);
  CHECK(locks.holder_of(b) == LockHolder::kWrite);
  locks.unlock(&second);
}

TEST_CASE("who waits for writes alone gets an answer when a transaction has the item") {
  ItemLocks locks;
  ItemLock transaction("a", LockHolder::kTransaction);
  ItemLock write("a", LockHolder::kWrite);
  CHECK(locks.lock(&transaction, kNone) == std::nullopt);
  CHECK(locks.lock(&write, {.with_writes = Wait::kUntilFree, .with_transactions = Wait::kNever}) ==
        LockHolder::kTransaction);
  locks.unlock(&transaction);
}

TEST_CASE("everybody who waits gets the item, one at a time, and its neighbour is not disturbed") {
  constexpr int kThreads = 4;
  constexpr int kRounds = 2'000;
  const auto keys = neighbours();
  const std::string& a = keys.first;
  const std::string& b = keys.second;
  ItemLocks locks;
  std::map<std::string, int> held{{a, 0}, {b, 0}};  // guarded by the locks
  std::atomic<int> failures = 0;
  std::latch begin(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      begin.arrive_and_wait();
      std::minstd_rand rng(static_cast<unsigned>(t + 1));
      for (int i = 0; i < kRounds; ++i) {
        const std::string& key = rng() % 4 == 0 ? b : a;
        ItemLock lock(key, rng() % 2 == 0 ? LockHolder::kWrite : LockHolder::kTransaction);
        if (locks.lock(&lock, {})) ++failures;
        int& count = held.find(key)->second;
        if (++count != 1) ++failures;
        if (i % 16 == 0) std::this_thread::yield();
        --count;
        locks.unlock(&lock);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(locks.holder_of(a) == std::nullopt);
}

TEST_CASE_METHOD(EngineFixture, "a transaction names the items that it cannot have, and keeps none") {
  open();
  const auto table = create(schema("t"));
  const auto refs = [&](std::initializer_list<int> keys) {
    std::vector<ItemRef> items;
    for (const int sk : keys) items.push_back({table, key("p", sk)});
    return items;
  };
  const auto running = engine->begin();
  CHECK(running->try_lock(refs({5, 2}), LockHolder::kTransaction, kNone).empty());
  const auto write = engine->begin();
  CHECK(write->try_lock(refs({3}), LockHolder::kWrite, kNone).empty());

  struct Case {
    std::initializer_list<int> keys;
    std::vector<std::pair<std::size_t, LockHolder>> conflicts;
  };
  const Case cases[] = {
      {{7, 5, 1, 2}, {{1, LockHolder::kTransaction}, {3, LockHolder::kTransaction}}},
      {{5}, {{0, LockHolder::kTransaction}}},
      {{3}, {{0, LockHolder::kWrite}}},
      // The write is met first, in the order of keys; it is no reason to look for other writes.
      {{5, 9, 3}, {{0, LockHolder::kTransaction}, {2, LockHolder::kWrite}}},
      {{1, 4, 6}, {}},
  };
  for (const Case& c : cases) {
    const auto other = engine->begin();
    std::vector<std::pair<std::size_t, LockHolder>> conflicts;
    for (const auto& conflict : other->try_lock(refs(c.keys), LockHolder::kTransaction, kNone)) {
      conflicts.emplace_back(conflict.position, conflict.holder);
    }
    CHECK(conflicts == c.conflicts);
    // What it got before it gave up is free again.
    const auto free = engine->begin();
    if (!c.conflicts.empty()) CHECK(free->try_lock(refs({1, 7, 9}), LockHolder::kWrite, kNone).empty());
  }
}

}  // namespace
}  // namespace tidemark::storage

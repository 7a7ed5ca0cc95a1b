#include "storage/receipts.h"

#include <thread>

#include "base/bytes.h"
#include "storage/commit/receipt_store.h"
#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

class ReceiptsFixture : public EngineFixture {
 public:
  ReceiptsFixture() { open(); }

  std::optional<std::string> content(const std::string& key) {
    auto claim = engine->receipts().claim(key);
    REQUIRE(claim);
    REQUIRE_FALSE(claim->is_taken());
    return claim->content();
  }
  void leave(const std::string& key, const std::string& content) {
    const auto transaction = engine->begin();
    transaction->put_receipt(key, content);
    REQUIRE(transaction->commit());
  }
};

TEST_CASE("a receipt on disk") {
  const OwnedWrite write = receipt_write("key", "content", Timestamp::from_seconds(1'801));
  CHECK(write.space == wal::Space::kCatalog);
  CHECK(write.key == std::string("r\0\0\0\x03key", 8));
  std::string value;
  append_u64_le(&value, 1'801'000'000);
  CHECK(write.value == value + "content");
}

TEST_CASE_METHOD(ReceiptsFixture, "a receipt comes with its transaction, or not at all") {
  const auto table = create(schema("t"));
  {
    const auto transaction = engine->begin();
    REQUIRE(transaction->lock({{table, key("a", 1)}}));
    REQUIRE(transaction->read(0));
    transaction->put(0, item("a", 1));
    transaction->put_receipt("dropped", "x");
  }
  CHECK(content("dropped") == std::nullopt);
  {
    const auto transaction = engine->begin();
    REQUIRE(transaction->lock({{table, key("a", 1)}}));
    REQUIRE(transaction->read(0));
    transaction->put(0, item("a", 1));
    transaction->put_receipt("done", std::string("a\0b", 3));
    // The history is wanted meanwhile: the writes are prepared again.
    save(table, [](model::TableSchema& schema) { schema.pitr.enabled = true; });
    REQUIRE(transaction->commit());
  }
  CHECK(content("done") == std::string("a\0b", 3));
  CHECK(get(table, "a", 1));
}

TEST_CASE_METHOD(ReceiptsFixture,
                 "receipts count for ten minutes, over restarts, and go when twenty have passed") {
  // In the middle of a period, at its start and at its end.
  const int offset = GENERATE(0, 300, 599);
  clock.advance_seconds(offset);
  leave("key", "first");
  CHECK(content("key") == "first");
  options.checkpoint_at_close = GENERATE(false, true);
  reopen();
  CHECK(content("key") == "first");
  clock.advance_seconds(kReceiptSeconds - 1);
  schedule.run_due();
  CHECK(content("key") == "first");
  clock.advance_seconds(1);
  schedule.run_due();
  CHECK(content("key") == std::nullopt);
  leave("key", "second");
  CHECK(content("key") == "second");
  reopen();
  CHECK(content("key") == "second");

  clock.advance_seconds(2 * kReceiptSeconds);
  const auto before = engine->last_commit_time();
  schedule.run_due();
  const auto removal = engine->last_commit_time();
  CHECK(removal > before);
  // Nothing is left to be removed.
  clock.advance_seconds(2 * kReceiptSeconds);
  schedule.run_due();
  CHECK(engine->last_commit_time() == removal);
}

TEST_CASE_METHOD(ReceiptsFixture, "receipts that are kept stay until they are forgotten") {
  using Kept = std::vector<std::pair<std::string, std::string>>;
  const auto keep = [this](const std::string& key, const std::string& content) {
    const auto transaction = engine->begin();
    transaction->keep_receipt(key, content);
    REQUIRE(transaction->commit());
  };
  const auto kept = [this](const std::string& prefix) {
    auto found = engine->receipts().kept(prefix);
    REQUIRE(found);
    return *std::move(found);
  };
  keep("job/1/b", "first");
  keep("job/1/b", "second");
  keep("job/1/a", "");
  keep("job/2/a", "other");
  leave("job/1/c", "of a request");
  clock.advance_seconds(100 * kReceiptSeconds);
  schedule.run_due();
  options.checkpoint_at_close = GENERATE(false, true);
  reopen();
  CHECK(kept("job/1/") == Kept{{"a", ""}, {"b", "second"}});
  CHECK(content("job/1/a") == std::nullopt);
  REQUIRE(engine->receipts().forget_kept("job/1/"));
  CHECK(kept("job/1/").empty());
  reopen();
  CHECK(kept("job/") == Kept{{"2/a", "other"}});
}

TEST_CASE_METHOD(ReceiptsFixture, "one at a time has a key, and the next sees what was done") {
  const auto table = create(schema("t"));
  {
    auto first = engine->receipts().claim("key");
    REQUIRE(first);
    REQUIRE_FALSE(first->is_taken());
    const auto second = engine->receipts().claim("key");
    REQUIRE(second);
    CHECK(second->is_taken());
    const auto other = engine->receipts().claim("key2");
    REQUIRE(other);
    CHECK_FALSE(other->is_taken());
  }
  constexpr int kThreads = 4;
  constexpr int kKeys = 200;
  std::atomic<int> done = 0;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kKeys; ++i) {
        const auto claim = engine->receipts().claim("k" + std::to_string(i));
        if (!claim) ++failures;
        if (!claim || claim->is_taken() || claim->content()) continue;
        const auto transaction = engine->begin();
        transaction->put_receipt(claim->key(), "x");
        if (!transaction->commit()) ++failures;
        ++done;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(done == kKeys);
}

TEST_CASE_METHOD(ReceiptsFixture, "a view stays at its moment") {
  const auto table = create(schema("t"));
  put(table, "a", 1, {{"v", number_value(1)}});
  const auto view = engine->view();
  put(table, "a", 1, {{"v", number_value(2)}});
  put(table, "a", 2);
  const auto then = view->get(*table, key("a", 1));
  REQUIRE(then);
  REQUIRE(then->has_value());
  CHECK((*then)->text() == item("a", 1, {{"v", number_value(1)}}).text);
  const auto later = view->get(*table, key("a", 2));
  REQUIRE(later);
  CHECK_FALSE(later->has_value());
}

}  // namespace
}  // namespace tidemark::storage

// Time to live over a real engine: what is deleted, when, and what is never deleted.
#include <atomic>
#include <thread>

#include "tests/unit/storage/engine_fixture.h"
#include "wal/tail.h"

namespace tidemark::storage {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::int64_t kNow = 1'800'000'000;  // where the fixture's clock begins
constexpr std::int64_t kYear = std::int64_t{365} * 24 * 3'600;

class TtlFixture : public EngineFixture {
 public:
  TtlFixture() {
    options.checkpoint_at_close = false;
    options.ttl_lag = seconds(10);
    open();
  }

  TablePtr enable(const TablePtr& table, const std::string& attribute = "ttl") {
    REQUIRE(engine->table_states().enable_ttl(hold(table), attribute));
    return engine->catalog().find(table->id);
  }
  TablePtr disable(const TablePtr& table) {
    REQUIRE(engine->table_states().disable_ttl(hold(table)));
    return engine->catalog().find(table->id);
  }
  void pass(std::chrono::microseconds time) { REQUIRE(schedule.advance(time)); }

  void put_expiring(const TablePtr& table, std::int64_t sk, std::int64_t expires_at) {
    put(table, "a", sk, {{"ttl", number_value(expires_at)}});
  }
  // The sort keys of the items that are there.
  std::vector<std::int64_t> items(const TablePtr& table) {
    std::vector<std::int64_t> keys;
    for (const std::string& text : scan({table, nullptr})) {
      const auto value = model::find_attribute(text, "sk");
      REQUIRE(value);
      keys.push_back(std::stoll(std::string(value->substr(6))));  // {"N":"
    }
    return keys;
  }
  bool is_indexed(const TablePtr& table) { return engine->catalog().find(table->id)->schema.ttl->is_indexed; }
};

using Keys = std::vector<std::int64_t>;

TEST_CASE_METHOD(TtlFixture, "an item is deleted the lag after its time, not before") {
  const auto table = enable(create(schema("t")));
  put_expiring(table, 1, kNow + 100);
  put_expiring(table, 2, kNow + 101);
  put_expiring(table, 3, kNow + 50);
  pass(seconds(59));
  CHECK(items(table) == Keys{1, 2, 3});
  pass(seconds(1));
  CHECK(items(table) == Keys{1, 2});
  pass(seconds(50));
  CHECK(items(table) == Keys{2});
  pass(seconds(1));
  CHECK(items(table).empty());
  CHECK(engine->stats(table->id).item_count == 0);
  CHECK(engine->stats(table->id).size_bytes == 0);
}

struct Case {
  const char* why;
  const char* attribute;  // canonical text
  bool is_deleted;
};

TEST_CASE_METHOD(TtlFixture, "what counts as a time that has passed") {
  const std::vector<Case> cases = {
      {"just over", R"({"ttl":{"N":"1799999989"}})", true},
      {"a fraction is left out", R"({"ttl":{"N":"1799999989.999"}})", true},
      {"within the lag", R"({"ttl":{"N":"1799999995"}})", false},
      {"in the future", R"({"ttl":{"N":"1800000500"}})", false},
      {"milliseconds, as some write by mistake", R"({"ttl":{"N":"1799999989000"}})", false},
      {"more than any clock shows", R"({"ttl":{"N":"99999999999999999999999999999"}})", false},
      {"negative", R"({"ttl":{"N":"-1799999989"}})", false},
      {"zero: older than five years", R"({"ttl":{"N":"0"}})", false},
      {"almost five years old", R"({"ttl":{"N":"1642320060"}})", true},
      {"five years old", R"({"ttl":{"N":"1642319940"}})", false},
      {"a string of digits", R"({"ttl":{"S":"1799999989"}})", false},
      {"a set of numbers", R"({"ttl":{"NS":["1799999989"]}})", false},
      {"another attribute", R"({"TTL":{"N":"1799999989"}})", false},
      {"in a map", R"({"m":{"M":{"ttl":{"N":"1799999989"}}}})", false},
  };
  const auto table = enable(create(schema("t")));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto attributes = model::parse_item(cases[i].attribute);
    REQUIRE(attributes);
    put(table, "a", static_cast<int>(i), *attributes);
  }
  pass(seconds(1));
  const Keys left = items(table);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(cases[i].why);
    const bool is_there = std::find(left.begin(), left.end(), static_cast<int>(i)) != left.end();
    CHECK(is_there != cases[i].is_deleted);
  }
}

TEST_CASE_METHOD(TtlFixture, "the attribute's name may need escapes, and be a key") {
  const auto table = enable(create(schema("t")), "a \"b\"\n");
  put(table, "a", 1, {{"a \"b\"\n", number_value(kNow)}});
  const auto by_key = enable(create(schema("k")), "sk");
  put(by_key, "a", kNow);
  put(by_key, "a", kNow + 1'000);
  pass(seconds(10));
  CHECK(items(table).empty());
  CHECK(items(by_key) == Keys{kNow + 1'000});
}

TEST_CASE_METHOD(TtlFixture, "the newest time counts") {
  const auto table = enable(create(schema("t")));
  put_expiring(table, 1, kNow + 10);
  put_expiring(table, 1, kNow + 1'000);  // later
  put_expiring(table, 2, kNow + 1'000);
  put_expiring(table, 2, kNow + 10);  // earlier
  put_expiring(table, 3, kNow + 10);
  put(table, "a", 3);  // never
  put_expiring(table, 4, kNow + 10);
  remove(table, "a", 4);
  put_expiring(table, 4, kNow + 1'000);
  pass(seconds(20));
  CHECK(items(table) == Keys{1, 3, 4});
  put_expiring(table, 3, kNow - 100);  // over when it is written
  pass(seconds(1));
  CHECK(items(table) == Keys{1, 4});
  pass(seconds(1'000));
  CHECK(items(table).empty());
}

TEST_CASE_METHOD(TtlFixture, "indexes, history and the log see a deletion like any other") {
  auto with_index = schema("t");
  with_index.indexes = {index("i", "g", "", model::ProjectionType::kAll)};
  with_index.attribute_definitions.push_back({.name = "g", .type = model::KeyType::kString});
  with_index.pitr = {.enabled = true, .enabled_at = clock.now(), .recovery_period_days = 35};
  const auto table = enable(create(with_index));
  put(table, "a", 1, {{"ttl", number_value(kNow + 10)}, {"g", text_value("x")}});
  pass(seconds(1));
  REQUIRE(is_indexed(table));
  const Timestamp before = clock.now().plus_seconds(5);
  const auto from = wal::next(engine->change_log().published());
  pass(seconds(20));
  CHECK(items(table).empty());
  CHECK(scan(index_of(table, "i")).empty());
  auto past = engine->snapshot_at(table->id, before);
  REQUIRE(past);
  const auto reader = (*past)->read(HashRange{});
  REQUIRE(reader);
  CHECK((*reader)->next());
  CHECK_FALSE((*reader)->next());

  const auto tail = wal::Tail::open(engine->change_log(), from);
  REQUIRE(tail);
  REQUIRE((*tail)->next() == true);
  const wal::RecordView& record = (*tail)->record();
  CHECK(record.origin == wal::Origin::kTtl);
  REQUIRE(record.writes.size() == 3);  // the item, its entry in the index, its place in the order of times
  CHECK(record.writes[0].kind == wal::WriteKind::kDelete);
  CHECK(record.writes[0].space == wal::Space::kState);
  CHECK((*tail)->next() == false);
}

TEST_CASE_METHOD(TtlFixture, "enabled on a table that has items") {
  const auto plain = create(schema("t"));
  constexpr int kItems = 2'500;  // more than are looked at in one go
  for (int i = 0; i < kItems; ++i) put_expiring(plain, i, i % 2 == 0 ? kNow - 100 : kNow + 100);
  const auto table = enable(plain);
  CHECK(items(table).size() == kItems);
  pass(seconds(1));
  CHECK(is_indexed(table));
  CHECK(items(table).size() == kItems / 2);
  pass(seconds(120));
  CHECK(items(table).empty());
}

TEST_CASE_METHOD(TtlFixture, "after a restart it goes on, also where it was enabled and nothing more") {
  const auto plain = create(schema("t"));
  for (int i = 0; i < 10; ++i) put_expiring(plain, i, kNow + 100 + i);
  static_cast<void>(enable(plain));
  reopen();
  auto table = find("t");
  REQUIRE(table->schema.ttl);
  CHECK(table->schema.ttl->status == model::TtlStatus::kEnabled);
  CHECK_FALSE(is_indexed(table));
  pass(seconds(1));
  CHECK(is_indexed(table));
  reopen();
  table = find("t");
  CHECK(is_indexed(table));
  pass(seconds(114));
  CHECK(items(table) == Keys{6, 7, 8, 9});
}

TEST_CASE_METHOD(TtlFixture, "disabled: nothing more is deleted; enabled again: by the new attribute") {
  auto table = enable(create(schema("t")));
  put(table, "a", 1, {{"ttl", number_value(kNow + 10)}, {"other", number_value(kNow + 5'000)}});
  put(table, "a", 2, {{"ttl", number_value(kNow + 10)}, {"other", number_value(kNow + 500)}});
  table = disable(table);
  CHECK_FALSE(table->schema.ttl);
  pass(seconds(1'000));
  CHECK(items(table) == Keys{1, 2});
  table = enable(table, "other");
  pass(seconds(1));
  CHECK(items(table) == Keys{1});
}

TEST_CASE_METHOD(TtlFixture, "a write that was begun before keeps to what holds when it is committed") {
  const auto plain = create(schema("t"));
  put_expiring(plain, 1, kNow + 5);
  const auto transaction = engine->begin();
  REQUIRE(transaction->lock({{plain, key("a", 2)}}));
  REQUIRE(transaction->read(0));
  transaction->put(0, item("a", 2, {{"ttl", number_value(kNow + 5)}}));
  const auto table = enable(plain);
  pass(seconds(1));  // the items that were there are in
  REQUIRE(transaction->commit());
  pass(seconds(20));
  CHECK(items(table).empty());
}

TEST_CASE_METHOD(TtlFixture, "a jump over years deletes what came due on the way") {
  const auto table = enable(create(schema("t")));
  put_expiring(table, 1, kNow + 100);
  put_expiring(table, 2, kNow - 6 * kYear);  // a mistake when it was written, and later
  pass(seconds(1));
  pass(hours(24 * 365 * 7));
  CHECK(items(table) == Keys{2});
}

TEST_CASE_METHOD(TtlFixture, "tables of their own, and ones that go") {
  const auto one = enable(create(schema("one")));
  const auto two = enable(create(schema("two")));
  const auto none = create(schema("none"));
  for (const auto& table : {one, two, none}) put_expiring(table, 1, kNow + 10);
  drop(one);
  pass(seconds(20));
  CHECK(items(two).empty());
  CHECK(items(none) == Keys{1});
  const auto again = enable(create(schema("one")));
  put_expiring(again, 1, kNow + 100);
  pass(seconds(20));
  CHECK(items(again) == Keys{1});
}

TEST_CASE_METHOD(TtlFixture, "states that last: an hour each, and only ENABLED deletes") {
  options.transition_times = kServiceTransitionTimes;
  reopen();
  auto table = create(schema("t"));
  pass(seconds(20));
  const auto status = [&] {
    const auto& ttl = find("t")->schema.ttl;
    return ttl ? std::string(model::ttl_status_name(ttl->status)) : "DISABLED";
  };
  CHECK(status() == "DISABLED");
  table = enable(find("t"));
  put_expiring(table, 1, kNow + 60);
  pass(seconds(3'590));
  CHECK(status() == "ENABLING");
  CHECK(items(table) == Keys{1});
  pass(seconds(20));
  CHECK(status() == "ENABLED");
  CHECK(items(table).empty());

  table = disable(find("t"));
  CHECK(status() == "DISABLING");
  put_expiring(table, 2, kNow + 60);
  reopen();
  CHECK(status() == "DISABLING");
  pass(hours(1));
  CHECK(status() == "DISABLED");
  CHECK(items(find("t")) == Keys{2});
}

TEST_CASE_METHOD(TtlFixture, "an edit of settings changes neither time to live nor its state") {
  const auto table = enable(create(schema("t")));
  const auto saved = save(table, [](model::TableSchema& settings) {
    settings.ttl.reset();
    settings.deletion_protection = true;
  });
  REQUIRE(saved->schema.ttl);
  CHECK(saved->schema.ttl->attribute == "ttl");
}

// One thread gives items new times while the clock runs over the old ones; another has time to live enabled
// meanwhile. Whatever was given a time that has not come, is there.
TEST_CASE_METHOD(TtlFixture, "a live item is never deleted") {
  constexpr int kItems = 40;
  constexpr std::int64_t kRounds = 30;
  constexpr std::int64_t kFar = kNow + 1'000'000;
  auto table = create(schema("t"));
  for (int i = 0; i < kItems; ++i) put_expiring(table, i, kNow + 20);
  table = enable(table);
  for (std::int64_t round = 0; round < kRounds; ++round) {
    std::atomic<int> renewed = 0;
    std::jthread writer([&] {
      for (int i = 0; i < kItems; ++i) {
        if (try_put(table, "a", i, {{"ttl", number_value(kFar + round)}})) renewed.store(i + 1);
      }
    });
    pass(seconds(35));
    writer.join();
    CHECK(renewed.load() == kItems);
    CHECK(items(table).size() == kItems);
    const std::int64_t soon = clock.now().micros / 1'000'000 + 20;
    for (int i = 0; i < kItems; ++i) put_expiring(table, i, soon);
  }
  pass(seconds(35));
  CHECK(items(table).empty());
}

TEST_CASE_METHOD(TtlFixture, "items that change while they are put into order") {
  constexpr int kItems = 3'000;
  const auto plain = create(schema("t"));
  for (int i = 0; i < kItems; ++i) put_expiring(plain, i, kNow + 20);
  const auto table = enable(plain);
  {
    std::jthread writer([&] {
      for (int i = 0; i < kItems; i += 3) put_expiring(table, i, kNow + 1'000);
    });
    pass(seconds(5));
  }
  CHECK(is_indexed(table));
  pass(seconds(60));
  CHECK(items(table).size() == kItems / 3);
  pass(seconds(1'000));
  CHECK(items(table).empty());
}

}  // namespace
}  // namespace tidemark::storage

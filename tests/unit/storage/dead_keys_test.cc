// Reading past deleted items: how many of their keys a reader steps over.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include "storage/store/rocks.h"
#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

constexpr int kPairs = 20'000;

class DeadKeysFixture : public EngineFixture {
 public:
  std::vector<std::string> first(const Target& target, const KeyRange& range, bool is_reverse = false) {
    std::vector<std::string> texts;
    const std::uint64_t before = RocksIterator::skipped_keys();
    const auto cursor = engine->read(target, range, {.reverse = is_reverse, .start_after = {}});
    if (cursor->next()) texts.emplace_back(cursor->text());
    REQUIRE(cursor->status());
    skipped = RocksIterator::skipped_keys() - before;
    return texts;
  }
  std::vector<std::string> all(const Target& target) {
    const std::uint64_t before = RocksIterator::skipped_keys();
    auto texts = scan(target);
    skipped = RocksIterator::skipped_keys() - before;
    return texts;
  }
  // Reads until somebody in the background has seen what is dead.
  template <class Read>
  void read_until_quick(const Read& read) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
      read();
    } while (skipped >= kDeadKeysNoted && std::chrono::steady_clock::now() < deadline);
    CHECK(skipped < kDeadKeysNoted);
  }
  static KeyRange partition(const TablePtr& table, const std::string& pk) {
    return query_range({table}, {model::key_part_of(text_value(pk))}, {});
  }

  static int number_of(std::string_view text) {
    const auto at = text.find("\"N\":\"");
    return std::atoi(std::string(text.substr(at + 5)).c_str());
  }

  std::uint64_t skipped = 0;
  std::atomic<int> lost = 0;
};

TEST_CASE_METHOD(DeadKeysFixture,
                 "the head of a queue is found at once, however many items went through it") {
  options.write_buffer_bytes = GENERATE(256U << 10, 32U << 20);
  open();
  auto with_index = schema("queue");
  with_index.indexes = {index("byState", "state", "at", model::ProjectionType::kAll)};
  const auto table = create(std::move(with_index));
  const Target gsi = index_of(table, "byState");
  const auto number = [](int n) { return text_value(std::to_string(1'000'000 + n)); };
  const auto pass = [&](int from, int count) {
    for (int i = from; i < from + count; ++i) {
      put(table, "q", i, {{"state", text_value("open")}, {"at", number(i)}});
      if (i >= 25) remove(table, "q", i - 25);
    }
  };
  pass(0, kPairs);
  read_until_quick([&] { first({table}, partition(table, "q")); });
  read_until_quick([&] { all({table}); });
  read_until_quick([&] { all(gsi); });

  // From here on, nobody needs to find anything out: the writes themselves say what is dead.
  for (int i = kPairs; i < kPairs + 5'000; i += 1'000) {
    pass(i, 1'000);
    CHECK(first({table}, partition(table, "q")).size() == 1);
    CHECK(skipped <= 2);
    CHECK(all({table}).size() == 25);
    CHECK(skipped <= 2);
    CHECK(all(gsi).size() == 25);
    CHECK(skipped <= 2);
  }
}

TEST_CASE_METHOD(DeadKeysFixture, "a stack is read from its end, past what was on top of it") {
  open();
  const auto table = create(schema("stack"));
  for (int i = -1'000; i <= 0; ++i) put(table, "s", i);
  for (int i = 1; i <= kPairs; ++i) put(table, "s", i);
  for (int i = 1; i <= kPairs; ++i) remove(table, "s", i);
  read_until_quick([&] { first({table}, partition(table, "s"), true); });
  CHECK(first({table}, partition(table, "s"), true) == std::vector<std::string>{*get(table, "s", 0)});
  put(table, "s", 700);
  CHECK(first({table}, partition(table, "s"), true) == std::vector<std::string>{*get(table, "s", 700)});
}

TEST_CASE_METHOD(DeadKeysFixture, "items come and go all over a table, of which few are there at a time") {
  open();
  const auto table = create(schema("scattered"));
  const auto name = [](int i) { return "p" + std::to_string(i * 7'919 % 100'003); };
  const auto pass = [&](int from, int count) {
    for (int i = from; i < from + count; ++i) {
      put(table, name(i), i);
      if (i >= 25) remove(table, name(i - 25), i - 25);
    }
  };
  pass(0, kPairs);
  read_until_quick([&] { all({table}); });
  pass(kPairs, 2'000);
  CHECK(all({table}).size() == 25);
  CHECK(skipped <= 50);
}

TEST_CASE_METHOD(DeadKeysFixture, "what is dead is dead for a restart, too, once it was read again") {
  options.checkpoint_at_close = GENERATE(false, true);
  open();
  auto table = create(schema("queue"));
  for (int i = 0; i < kPairs; ++i) put(table, "q", i);
  for (int i = 0; i < kPairs - 1; ++i) remove(table, "q", i);
  reopen();
  table = find("queue");
  read_until_quick([&] { first({table}, partition(table, "q")); });
  CHECK(first({table}, partition(table, "q")).size() == 1);
}

TEST_CASE_METHOD(DeadKeysFixture, "whoever reads a queue while it moves on finds its head") {
  open();
  const auto table = create(schema("queue"));
  std::atomic<int> acknowledged = 0;
  std::atomic<bool> is_over = false;
  put(table, "q", 0);
  std::jthread reader([&] {
    while (!is_over) {
      const int at_least = acknowledged;
      const auto cursor = engine->read({table}, partition(table, "q"), {});
      if (!cursor->next() || number_of(cursor->text()) < at_least) ++lost;
    }
  });
  for (int i = 1; i <= kPairs; ++i) {
    put(table, "q", i);
    remove(table, "q", i - 1);
    acknowledged = i;
  }
  is_over = true;
  reader.join();
  CHECK(lost == 0);
}

// Against a plain set of keys, while dead ranges come, split, grow and are made one.
TEST_CASE_METHOD(DeadKeysFixture, "leaping over dead ranges changes no answer") {
  const unsigned seed = GENERATE(1U, 2U, 3U);
  CAPTURE(seed);
  std::mt19937 random(seed);
  open();
  const auto table = create(schema("t"));
  std::set<std::pair<std::string, int>> there;
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  const auto change = [&](const std::string& pk, int sk, bool is_put) {
    if (is_put) {
      put(table, pk, sk);
      there.emplace(pk, sk);
    } else if (there.erase({pk, sk}) > 0) {
      remove(table, pk, sk);
    }
  };
  for (int round = 0; round < 60; ++round) {
    const std::string pk = "p" + std::to_string(pick(2));
    const int from = pick(1'500);
    const int length = pick(500);
    const bool is_put = pick(3) == 0;
    for (int i = from; i < from + length; ++i) {
      if (pick(50) != 0) change(pk, i, is_put);
    }
    for (int i = 0; i < 5; ++i) change(pk, pick(2'000), pick(2) == 0);

    for (const bool is_reverse : {false, true}) {
      const int after = pick(2'000);
      std::vector<std::string> expected;
      for (const auto& [other, sk] : there) {
        if (other == pk && (is_reverse ? sk < after : sk > after)) expected.push_back(*get(table, pk, sk));
      }
      if (is_reverse) std::reverse(expected.begin(), expected.end());
      ReadOptions read_options{.reverse = is_reverse,
                               .start_after = encoded_position({table}, {}, key(pk, after))};
      REQUIRE(read({table}, partition(table, pk), read_options) == expected);
    }
    REQUIRE(scan({table}).size() == there.size());
  }
}

}  // namespace
}  // namespace tidemark::storage

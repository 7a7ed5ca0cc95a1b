// The change log as readers of a running engine see it.
#include <thread>

#include "storage/bulk_loader.h"
#include "tests/unit/storage/engine_fixture.h"
#include "wal/tail.h"

namespace tidemark::storage {
namespace {

struct Seen {
  wal::SequenceNumber sequence{};
  Timestamp time;
  wal::Origin origin{};
  std::size_t writes = 0;
};

class LogFixture : public EngineFixture {
 public:
  LogFixture() { open(); }

  std::vector<Seen> read(wal::SequenceNumber from) {
    auto tail = wal::Tail::open(engine->change_log(), from);
    if (!tail) FAIL(tail.error().message);
    std::vector<Seen> seen;
    for (;;) {
      const auto found = (*tail)->next();
      if (!found) FAIL(found.error().message);
      if (!*found) return seen;
      const auto& record = (*tail)->record();
      seen.push_back({record.sequence, record.commit_time, record.origin, record.writes.size()});
    }
  }
};

TEST_CASE_METHOD(LogFixture, "every acknowledged commit is in the log, with its time and who made it") {
  const auto table = create(schema("t"));
  const Timestamp first = put(table, "a", 1);
  const Timestamp second = put(table, "a", 1, {{"v", text_value("new")}});
  REQUIRE(engine->catalog().put_document("kind", "key", "{}"));
  const auto seen = read(wal::SequenceNumber{1});
  REQUIRE(seen.size() == 4);
  CHECK(seen[0].origin == wal::Origin::kSystem);
  CHECK(seen[1].origin == wal::Origin::kClient);
  CHECK(seen[1].time == first);
  CHECK(seen[2].time == second);
  CHECK(seen[3].origin == wal::Origin::kSystem);
  CHECK(engine->change_log().published() == seen[3].sequence);
}

TEST_CASE_METHOD(LogFixture, "a bulk load says that it is an import") {
  auto creating = schema("t");
  creating.status = model::TableStatus::kCreating;
  const auto table = create(creating);
  const auto loader = engine->bulk_loader(table->id, {});
  REQUIRE(loader);
  {
    const auto feeder = (*loader)->feeder();
    REQUIRE(feeder->add(key("a", 1), item("a", 1), 0));
    REQUIRE(feeder->flush());
  }
  REQUIRE((*loader)->finish());
  CHECK(read(wal::SequenceNumber{1}).back().origin == wal::Origin::kImport);
}

TEST_CASE_METHOD(LogFixture, "a reader goes on where it was, over checkpoints and a restart") {
  options.checkpoint_log_bytes = 1;
  options.checkpoint_at_close = false;
  reopen();
  const auto table = create(schema("t"));
  put(table, "a", 1);
  {
    const auto tail = wal::Tail::open(engine->change_log(), wal::SequenceNumber{1});
    REQUIRE(tail);
    REQUIRE(engine->maintain());  // would drop all of it
    put(table, "a", 2);
    REQUIRE(engine->maintain());
    for (int i = 0; i < 3; ++i) REQUIRE((*tail)->next() == true);
    CHECK((*tail)->next() == false);
  }
  const auto next = wal::next(engine->change_log().published());
  reopen();
  CHECK(wal::next(engine->change_log().published()) == next);
  const auto again = find("t");
  const Timestamp third = put(again, "a", 3);
  const auto seen = read(next);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].time == third);
}

TEST_CASE_METHOD(LogFixture, "what was committed is applied by the time a reader sees it") {
  const auto table = create(schema("t"));
  constexpr int kWrites = 500;
  const auto tail = wal::Tail::open(engine->change_log(), wal::next(engine->change_log().published()));
  REQUIRE(tail);
  std::jthread writer([&] {
    for (int i = 0; i < kWrites; ++i) static_cast<void>(try_put(table, "a", i));
  });
  for (int i = 0; i < kWrites;) {
    REQUIRE((*tail)->wait({}));
    const auto found = (*tail)->next();
    REQUIRE(found);
    if (!*found) continue;
    const auto stored = engine->get(*table, key("a", i++));
    REQUIRE(stored);
    CHECK(*stored);
  }
}

}  // namespace
}  // namespace tidemark::storage

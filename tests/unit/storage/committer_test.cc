// Commits while RocksDB takes nothing, because a flush found no space.
#include "storage/commit/committer.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>

#include "storage/store/item_codec.h"
#include "tests/unit/storage/history_fixture.h"
#include "wal/live_log.h"
#include "wal/writer.h"

namespace tidemark::storage {
namespace {

constexpr wal::SequenceNumber kNone{};

// No file can be begun while it is full.
class SmallDisk final : public rocksdb::FileSystemWrapper {
 public:
  SmallDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "SmallDisk"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    if (is_full) return rocksdb::IOStatus::NoSpace("full");
    return FileSystemWrapper::NewWritableFile(name, options, file, debug);
  }

  std::atomic<bool> is_full = false;
};

class CommitterFixture {
 public:
  const std::shared_ptr<SmallDisk> disk = std::make_shared<SmallDisk>();

  explicit CommitterFixture(bool sync_writes) {
    auto state =
        RocksStore::open({.directory = scratch_.path("state"), .before_flush = {}, .env = env_.get()});
    REQUIRE(state);
    store = std::move(*state);
    auto opened = History::open({.directory = scratch_.path("history")}, posix_file_system());
    REQUIRE(opened);
    history_ = std::move(*opened);
    REQUIRE(posix_file_system().create_directories(scratch_.path("log")));
    auto writer = wal::Writer::open(scratch_.path("log"), posix_file_system(), wal::next(kNone));
    REQUIRE(writer);
    log_ = std::move(*writer);
    auto live = wal::LiveLog::open(scratch_.path("log"), posix_file_system(), kNone);
    REQUIRE(live);
    live_log_ = std::move(*live);
    committer = std::make_unique<Committer>(CommitterParts{.store = store.get(),
                                                           .history = history_.get(),
                                                           .log = log_.get(),
                                                           .readers = live_log_.get(),
                                                           .expiries = &expiries_,
                                                           .clock = &clock_,
                                                           .sync_writes = sync_writes},
                                            CommitPoint{}, Counters{});
  }

  static Commit put(const std::string& key) {
    Commit commit;
    OwnedWrite& write = commit.writes.emplace_back();
    write.kind = wal::WriteKind::kPut;
    write.space = wal::Space::kStream;
    write.key = key;
    append_stored(&write.value, Timestamp{}, 2, "{}");
    return commit;
  }
  [[nodiscard]] bool has(const std::string& key) const {
    std::string ignored;
    const auto found = store->get(wal::Space::kStream, key, &ignored);
    REQUIRE(found);
    return *found;
  }

 private:
  ScratchDirectory scratch_;
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(disk);
  ManualClock clock_{Timestamp::from_seconds(1'767'225'600)};
  ExpiryWatch expiries_;
  std::unique_ptr<History> history_;
  std::unique_ptr<wal::Writer> log_;
  std::unique_ptr<wal::LiveLog> live_log_;

 public:
  std::unique_ptr<RocksStore> store;
  std::unique_ptr<Committer> committer;
};

TEST_CASE("who comes behind a commit that waits for space is refused at once, and the commit is not lost") {
  const bool sync_writes = GENERATE(false, true);
  CAPTURE(sync_writes);
  CommitterFixture f(sync_writes);
  std::promise<bool> found_none;
  // Between the admission of a commit and its end.
  f.committer->ask_for_room([&] {
    if (!f.disk->is_full || f.store->disk_full()) return true;
    found_none.set_value(f.store->db().Flush({}, f.store->family(wal::Space::kStream)).IsNoSpace());
    return true;
  });
  Commit first = CommitterFixture::put("first");
  REQUIRE(f.committer->commit(&first));

  f.disk->is_full = true;
  Commit admitted = CommitterFixture::put("admitted");
  auto waiting = std::async(std::launch::async, [&] { return f.committer->commit(&admitted); });
  REQUIRE(found_none.get_future().get());
  for (int i = 0; i < 3; ++i) {
    Commit late = CommitterFixture::put("late");
    const auto refused = f.committer->commit(&late);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kNoSpace);
  }
  if (sync_writes) {
    Commit late = CommitterFixture::put("late");
    std::promise<Result<Timestamp>> told;
    f.committer->submit(&late, [&](Result<Timestamp> result) { told.set_value(std::move(result)); });
    const auto refused = told.get_future().get();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kNoSpace);
  }
  CHECK(f.has("first"));  // reads go on
  CHECK_FALSE(f.has("late"));

  f.disk->is_full = false;
  CHECK(waiting.get());
  CHECK(f.has("admitted"));
  Commit next = CommitterFixture::put("next");
  CHECK(f.committer->commit(&next));
  CHECK(f.has("next"));
  CHECK_FALSE(f.has("late"));
}

}  // namespace
}  // namespace tidemark::storage

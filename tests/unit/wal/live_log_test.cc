#include "wal/live_log.h"

#include <chrono>
#include <future>
#include <thread>

#include "tests/support/gated_file_system.h"
#include "tests/unit/wal/wal_fixture.h"

namespace tidemark::wal {
namespace {

class LiveLogFixture : public WalFixture {
 public:
  // Records 1 to `count`, a segment for every two of them; record n is committed at n * 10 us.
  void write(std::uint64_t count) {
    open_writer(1);
    for (std::uint64_t i = 1; i <= count; ++i) {
      REQUIRE(append(i, "v"));
      if (i % 2 == 0) REQUIRE(writer->rotate(SequenceNumber{i + 1}));
    }
    open_live_log(count);
  }
  int trim(std::uint64_t after, std::optional<Timestamp> since = {}) {
    const auto dropped = live_log->trim([&] { return LogNeed{SequenceNumber{after}, since}; });
    REQUIRE(dropped);
    return *dropped;
  }
};

TEST_CASE_METHOD(LiveLogFixture, "only segments that nobody needs are dropped, and open ones stay readable") {
  write(6);
  const auto open_file = files.open_read(path(1));
  REQUIRE(open_file);
  CHECK(live_log->first_held() == SequenceNumber{1});
  CHECK(trim(1) == 0);
  CHECK(trim(2) == 1);
  CHECK(live_log->first_held() == SequenceNumber{3});
  CHECK(trim(5) == 1);
  CHECK(replayed(5) == std::vector<std::uint64_t>{6});
  CHECK(trim(100) == 1);
  CHECK(files.exists(path(7)));  // the newest always stays
  CHECK(live_log->first_held() == SequenceNumber{7});
  char magic[8];
  REQUIRE((*open_file)->read_at(0, magic, sizeof magic));
  CHECK(std::string_view(magic, sizeof magic) == kSegmentMagic);
}

TEST_CASE_METHOD(LiveLogFixture, "the log of a stretch of time stays") {
  write(8);  // segments begin at 1, 3, 5, 7 (10, 30, 50, 70 us) and 9, which is empty
  CHECK(trim(8, Timestamp{29}) == 0);
  CHECK(trim(8, Timestamp{30}) == 1);
  CHECK(trim(8, Timestamp{69}) == 1);
  CHECK(live_log->first_held() == SequenceNumber{5});
  CHECK(trim(4, Timestamp{1'000}) == 0);  // both must allow it
  CHECK(trim(8, Timestamp{1'000}) == 1);
  // What follows the last record is not known, so its segment stays until something does.
  CHECK(live_log->first_held() == SequenceNumber{7});
  CHECK(trim(8) == 1);
}

TEST_CASE_METHOD(LiveLogFixture, "a place keeps the log from itself on") {
  write(8);
  auto first = live_log->hold(SequenceNumber{4});
  auto second = live_log->hold(SequenceNumber{6});
  REQUIRE(first);
  REQUIRE(second);
  CHECK(trim(8) == 1);
  CHECK(live_log->first_held() == SequenceNumber{3});
  (*first)->move_forward(SequenceNumber{7});
  CHECK(trim(8) == 1);
  CHECK(live_log->first_held() == SequenceNumber{5});
  second->reset();
  (*first)->move_forward(SequenceNumber{2});  // never back
  CHECK(trim(8) == 1);
  CHECK(live_log->first_held() == SequenceNumber{7});
  first->reset();
  CHECK(trim(8) == 1);
}

TEST_CASE_METHOD(LiveLogFixture, "a place where the log is not is refused") {
  write(6);
  CHECK(trim(3) == 1);
  const auto gone = live_log->hold(SequenceNumber{2});
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == ErrorCode::kNotFound);
  CHECK(gone.error().message == "record 2 of the log is no longer held, only records from 3 on");
  CHECK(live_log->hold(SequenceNumber{7}));  // the next one
  const auto beyond = live_log->hold(SequenceNumber{8});
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE_METHOD(LiveLogFixture, "a segment that cannot be dropped is tried again, and never read from") {
  write(6);
  files.fail_operation(3);  // syncing the directory and dropping the first one work
  CHECK_FALSE(live_log->trim([] { return LogNeed{SequenceNumber{6}, {}}; }));
  CHECK(live_log->first_held() == SequenceNumber{7});
  CHECK(files.exists(path(3)));
  CHECK(trim(6) == 2);
  CHECK_FALSE(files.exists(path(3)));
}

TEST_CASE_METHOD(LiveLogFixture, "what is asked for while the files are looked at stays") {
  write(6);
  int asked = 0;
  const auto dropped = live_log->trim([&asked] {
    return ++asked == 1 ? LogNeed{SequenceNumber{6}, {}} : LogNeed{SequenceNumber{6}, Timestamp{30}};
  });
  REQUIRE(dropped);
  CHECK(*dropped == 1);
  CHECK(live_log->first_held() == SequenceNumber{3});
}

TEST_CASE("nobody who takes a place waits for the disk") {
  GatedFileSystem gated(posix_file_system(), GatedFileSystem::Gate::kSyncs);
  LiveLogFixture fixture;
  fixture.write(6);
  auto opened = LiveLog::open(fixture.directory, gated, SequenceNumber{6});
  REQUIRE(opened);
  LiveLog& log = **opened;
  gated.close_gate();
  auto trimmed = std::async(std::launch::async, [&] {
    return log.trim([] { return LogNeed{SequenceNumber{4}, {}}; });
  });
  gated.wait_until_held();
  auto held = std::async(std::launch::async, [&] { return log.hold(SequenceNumber{5}).has_value(); });
  const bool waits = held.wait_for(std::chrono::seconds{10}) != std::future_status::ready;
  gated.open_gate();
  CHECK_FALSE(waits);
  CHECK(held.get());
  CHECK(trimmed.get() == 2);
}

TEST_CASE_METHOD(LiveLogFixture, "waiting ends with a record or a stop") {
  write(2);
  std::stop_source stop;
  CHECK(live_log->wait_beyond(SequenceNumber{1}, stop.get_token()));
  SECTION("a record") {
    std::jthread publisher([&] { live_log->publish(SequenceNumber{3}); });
    CHECK(live_log->wait_beyond(SequenceNumber{2}, stop.get_token()));
  }
  SECTION("a stop") {
    std::jthread stopper([&] { stop.request_stop(); });
    CHECK_FALSE(live_log->wait_beyond(SequenceNumber{2}, stop.get_token()));
  }
}

TEST_CASE_METHOD(LiveLogFixture, "no reader sleeps through a record") {
  constexpr std::uint64_t kRecords = 20'000;
  write(0);
  const auto follow = [&] {
    std::uint64_t seen = 0;
    while (seen < kRecords && live_log->wait_beyond(SequenceNumber{seen}, {})) {
      seen = number(live_log->published());
    }
  };
  std::jthread first(follow);
  std::jthread second(follow);
  for (std::uint64_t i = 1; i <= kRecords; ++i) live_log->publish(SequenceNumber{i});
}

}  // namespace
}  // namespace tidemark::wal

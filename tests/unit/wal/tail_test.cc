#include "wal/tail.h"

#include <random>
#include <thread>

#include "tests/unit/wal/wal_fixture.h"

namespace tidemark::wal {
namespace {

using Numbers = std::vector<std::uint64_t>;

class TailFixture : public WalFixture {
 public:
  TailFixture() {
    open_writer(1);
    open_live_log(0);
  }
  void append_and_publish(std::uint64_t sequence, std::string_view value) {
    REQUIRE(append(sequence, value));
    live_log->publish(SequenceNumber{sequence});
  }
  std::unique_ptr<Tail> tail(std::uint64_t from) {
    auto opened = Tail::open(*live_log, SequenceNumber{from});
    if (!opened) FAIL(opened.error().message);
    return *std::move(opened);
  }
  // Everything there is to read now.
  static Numbers read(Tail& tail) {
    Numbers numbers;
    for (;;) {
      const auto found = tail.next();
      if (!found) FAIL(found.error().message);
      if (!*found) return numbers;
      numbers.push_back(number(tail.record().sequence));
    }
  }
  int trim(std::uint64_t after) {
    const auto dropped = live_log->trim([after] { return LogNeed{SequenceNumber{after}, {}}; });
    REQUIRE(dropped);
    return *dropped;
  }
  static std::string value_of(const Tail& tail) {
    REQUIRE(tail.record().writes.size() == 1);
    return std::string(tail.record().writes[0].value);
  }
};

TEST_CASE_METHOD(TailFixture, "a tail begins at any record and follows the log over its segments") {
  for (std::uint64_t i = 1; i <= 9; ++i) {
    append_and_publish(i, std::string(i * 300'000, 'v'));
    if (i % 3 == 0) REQUIRE(writer->rotate(SequenceNumber{i + 1}));
  }
  for (std::uint64_t from = 1; from <= 10; ++from) {
    INFO("from " << from);
    Numbers wanted;
    for (std::uint64_t i = from; i <= 9; ++i) wanted.push_back(i);
    const auto reader = tail(from);
    CHECK(reader->position() == SequenceNumber{from});
    CHECK(read(*reader) == wanted);
    CHECK(reader->position() == SequenceNumber{10});
  }
  const auto reader = tail(8);
  CHECK(read(*reader) == Numbers{8, 9});
  CHECK(reader->record().commit_time.micros == 90);
  CHECK(value_of(*reader).size() == 9 * 300'000);
  CHECK(read(*reader) == Numbers{});
  append_and_publish(10, "ten");
  CHECK(read(*reader) == Numbers{10});
  CHECK(value_of(*reader) == "ten");
  append_and_publish(11, "eleven");
  REQUIRE(writer->rotate(SequenceNumber{12}));
  append_and_publish(12, "twelve");
  CHECK(read(*reader) == Numbers{11, 12});
  CHECK(value_of(*reader) == "twelve");
}

TEST_CASE_METHOD(TailFixture, "what is not published is not seen") {
  append_and_publish(1, "one");
  const auto reader = tail(1);
  REQUIRE(append(2, "two"));
  CHECK(read(*reader) == Numbers{1});
  live_log->publish(SequenceNumber{2});
  CHECK(read(*reader) == Numbers{2});
}

TEST_CASE_METHOD(TailFixture, "an append that was taken back is never seen, read ahead or not") {
  append_and_publish(1, "one");
  const auto reader = tail(1);
  REQUIRE(append(2, "taken back"));
  CHECK(read(*reader) == Numbers{1});  // has read the other one ahead
  REQUIRE(writer->segment()->truncate(writer->segment_bytes() - payload(2, "taken back").size() - 8));
  append_and_publish(2, "acknowledged");
  CHECK(read(*reader) == Numbers{2});
  CHECK(value_of(*reader) == "acknowledged");
}

TEST_CASE_METHOD(TailFixture, "a write that failed half way is no record") {
  append_and_publish(1, "one");
  const auto reader = tail(2);
  files.fail_operation(1, false, ErrorCode::kNoSpace);
  CHECK_FALSE(append(2, std::string(1'000, 'x')));
  CHECK(read(*reader) == Numbers{});
  append_and_publish(2, "two");
  CHECK(read(*reader) == Numbers{2});
}

TEST_CASE_METHOD(TailFixture, "a segment that is being begun, or could not be, is none for a reader") {
  const int nth = GENERATE(1, 2, 3, 4, 5);
  append_and_publish(1, "one");
  files.fail_operation(nth, true);  // as it lies there when a reader comes in between
  REQUIRE_FALSE(writer->rotate(SequenceNumber{2}));
  const auto opened = Tail::open(*live_log, SequenceNumber{2});
  INFO((opened ? std::string() : opened.error().message));
  REQUIRE(opened);
  CHECK(read(**opened) == Numbers{});
  files.heal();
  append_and_publish(2, "two");
  CHECK(read(**opened) == Numbers{2});
  REQUIRE(writer->rotate(SequenceNumber{3}));
  append_and_publish(3, "three");
  CHECK(read(**opened) == Numbers{3});
}

TEST_CASE_METHOD(TailFixture, "records that are no longer held are refused, with the first one that is") {
  for (std::uint64_t i = 1; i <= 4; ++i) {
    append_and_publish(i, "v");
    REQUIRE(writer->rotate(SequenceNumber{i + 1}));
  }
  REQUIRE(trim(2) == 2);
  const auto gone = Tail::open(*live_log, SequenceNumber{2});
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == ErrorCode::kNotFound);
  CHECK(gone.error().message.find("only records from 3 on") != std::string::npos);
  CHECK(read(*tail(3)) == Numbers{3, 4});
  const auto beyond = Tail::open(*live_log, SequenceNumber{6});
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE_METHOD(TailFixture, "what a tail has not read yet is not dropped, what it has read is") {
  for (std::uint64_t i = 1; i <= 4; ++i) {
    append_and_publish(i, "v");
    REQUIRE(writer->rotate(SequenceNumber{i + 1}));
  }
  auto reader = tail(2);
  CHECK(trim(4) == 1);
  CHECK(read(*reader) == Numbers{2, 3, 4});
  CHECK(trim(4) == 2);
  CHECK(live_log->first_held() == SequenceNumber{4});
  reader.reset();
  CHECK(trim(4) == 1);
}

TEST_CASE_METHOD(TailFixture, "a damaged record is named by file and offset, and nothing is read behind it") {
  append_and_publish(1, "one");
  const std::uint64_t offset = writer->segment_bytes();
  append_and_publish(2, "two");
  append_and_publish(3, "three");
  std::string bytes = *read_file(files, path(1));
  bytes[offset + 20] ^= 1;
  overwrite(path(1), bytes);
  const auto reader = tail(1);
  REQUIRE(reader->next() == true);
  for (int i = 0; i < 2; ++i) {
    const auto damaged = reader->next();
    REQUIRE_FALSE(damaged);
    CHECK(damaged.error().code == ErrorCode::kCorruption);
    CHECK(damaged.error().message.find(path(1) + " at offset " + std::to_string(offset)) !=
          std::string::npos);
  }
  CHECK_FALSE(Tail::open(*live_log, SequenceNumber{3}));
}

TEST_CASE_METHOD(TailFixture, "a segment that is missing or cut short is corruption") {
  append_and_publish(1, "one");
  append_and_publish(2, "two");
  REQUIRE(writer->rotate(SequenceNumber{3}));
  append_and_publish(3, "three");
  SECTION("cut inside a record") {
    const std::string bytes = *read_file(files, path(1));
    overwrite(path(1), std::string_view(bytes).substr(0, bytes.size() - 1));
  }
  SECTION("cut between records") {
    const std::string bytes = *read_file(files, path(1));
    const std::size_t last = kFrameHeaderBytes + payload(2, "two").size();
    overwrite(path(1), std::string_view(bytes).substr(0, bytes.size() - last));
  }
  SECTION("missing in the middle") { REQUIRE(posix_file_system().remove(path(3))); }
  SECTION("with the header of another") { overwrite(path(3), segment_header(SequenceNumber{4})); }
  const auto reader = tail(1);
  Result<bool> found = true;
  while (found && *found) found = reader->next();
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::kCorruption);
  CHECK(found.error().message.find(directory) != std::string::npos);
}

TEST_CASE_METHOD(TailFixture, "waiting for a record wakes the tail when there is one") {
  append_and_publish(1, "one");
  const auto reader = tail(2);
  std::stop_source stop;
  std::jthread publisher([&] {
    if (append(2, "two")) live_log->publish(SequenceNumber{2});
  });
  REQUIRE(reader->wait(stop.get_token()));
  CHECK(read(*reader) == Numbers{2});
  stop.request_stop();
  CHECK_FALSE(reader->wait(stop.get_token()));
}

// One thread appends, rotates and sometimes takes back; another trims; readers begin anywhere and follow.
// Each must see every record that was published from its start on, once, in order, with the right content.
class Busy : public TailFixture {
 public:
  static std::string value(std::uint64_t sequence) {
    return std::string(sequence * 7'919 % 5'000, static_cast<char>('a' + sequence % 26));
  }

  void run(unsigned seed, std::uint64_t records) {
    std::atomic<int> running = kReaders;
    std::vector<std::jthread> threads;
    threads.reserve(kReaders + 1);
    for (int i = 0; i < kReaders; ++i) {
      threads.emplace_back([&, i] {
        follow(seed + static_cast<unsigned>(i), records);
        --running;
      });
    }
    threads.emplace_back([&](const std::stop_token& stop) {
      while (!stop.stop_requested() && running > 0) {
        if (!live_log->trim([this] { return LogNeed{live_log->published(), {}}; })) ++failures_;
        std::this_thread::yield();
      }
    });
    write(seed, records);
  }

  [[nodiscard]] int failures() const { return failures_; }
  [[nodiscard]] std::uint64_t records_read() const { return records_read_; }

 private:
  static constexpr int kReaders = 4;

  void write(unsigned seed, std::uint64_t records) {
    std::mt19937 random(seed);
    for (std::uint64_t next = 1; next <= records;) {
      std::vector<std::string> group;
      const std::uint64_t count = std::min<std::uint64_t>(1 + random() % 4, records - next + 1);
      for (std::uint64_t i = 0; i < count; ++i) group.push_back(payload(next + i, value(next + i)));
      std::uint64_t offset = 0;
      if (random() % 10 == 0) {
        // Written, and cut off again; other bytes take its place.
        const std::uint64_t size = writer->segment_bytes();
        if (!append(next, "never acknowledged") || !writer->segment()->truncate(size)) ++failures_;
      }
      if (!writer->append(group, &offset)) ++failures_;
      next += count;
      live_log->publish(SequenceNumber{next - 1});
      if (random() % 20 == 0 && !writer->rotate(SequenceNumber{next})) ++failures_;
    }
  }

  void follow(unsigned seed, std::uint64_t records) {
    std::mt19937 random(seed);
    std::uint64_t next = 1;
    while (next <= records) {
      auto opened = Tail::open(*live_log, SequenceNumber{next});
      if (!opened) {
        // Dropped before it could be held: anywhere else will do.
        if (opened.error().code != ErrorCode::kNotFound) ++failures_;
        next = number(live_log->first_held());
        continue;
      }
      Tail& tail = **opened;
      // Sometimes it gives up and begins again, at a record it may or may not have seen.
      const std::uint64_t last = std::min<std::uint64_t>(records, next + random() % 500);
      while (next <= last) {
        const auto found = tail.next();
        if (!found || (!*found && !tail.wait({}))) {
          ++failures_;
          return;
        }
        if (!*found) continue;
        const RecordView& record = tail.record();
        if (number(record.sequence) != next || record.writes.size() != 1 ||
            record.writes[0].value != value(next)) {
          ++failures_;
          return;
        }
        ++records_read_;
        ++next;
      }
      if (random() % 2 == 0) next = std::max<std::uint64_t>(next, 10) - random() % 10;
    }
  }

  std::atomic<int> failures_ = 0;
  std::atomic<std::uint64_t> records_read_ = 0;
};

TEST_CASE("readers of a busy log see everything that is published, once and in order") {
  const unsigned seed = GENERATE(1U, 2U, 3U);
  constexpr std::uint64_t kRecords = 3'000;
  Busy busy;
  busy.run(seed, kRecords);
  CHECK(busy.failures() == 0);
  CHECK(busy.records_read() > kRecords);
}

}  // namespace
}  // namespace tidemark::wal

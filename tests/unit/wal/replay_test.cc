#include "wal/replay.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "tests/unit/wal/wal_fixture.h"

namespace tidemark::wal {
namespace {

using Numbers = std::vector<std::uint64_t>;

TEST_CASE_METHOD(WalFixture, "records come back in order, over segments") {
  open_writer(1);
  for (std::uint64_t i = 1; i <= 10; ++i) {
    REQUIRE(append(i, std::string(i * 300'000, 'v')));
    if (i % 4 == 0) REQUIRE(writer->rotate(SequenceNumber{i + 1}));
  }
  CHECK(replayed() == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(summary.last == SequenceNumber{10});
  CHECK(summary.last_commit_time.micros == 100);
  CHECK(summary.records == 10);
  CHECK(replayed(6) == Numbers{7, 8, 9, 10});
  CHECK(replayed(10) == Numbers{});
  CHECK(summary.last == SequenceNumber{10});
}

TEST_CASE_METHOD(WalFixture, "payload offsets point at the payloads") {
  open_writer(1);
  REQUIRE(append(1, "first"));
  const std::vector<std::string> payloads = {payload(2, "a"), payload(3, "bb")};
  std::uint64_t offset = 0;
  REQUIRE(writer->append(payloads, &offset));
  std::string bytes(payloads[0].size() + kFrameHeaderBytes + payloads[1].size(), '\0');
  REQUIRE(writer->segment()->read_at(offset, bytes.data(), bytes.size()));
  CHECK(bytes.starts_with(payloads[0]));
  CHECK(bytes.ends_with(payloads[1]));
  std::vector<std::uint64_t> offsets;
  REQUIRE(replay(directory, files, SequenceNumber{1}, [&](const ReplayedRecord& replayed) -> Result<void> {
    offsets.push_back(replayed.payload_offset);
    return {};
  }));
  CHECK(offsets == Numbers{offset, offset + payloads[0].size() + kFrameHeaderBytes});
}

TEST_CASE_METHOD(WalFixture, "a torn tail is cut off wherever it was torn") {
  open_writer(1);
  REQUIRE(append(1, "one"));
  REQUIRE(append(2, "two"));
  const std::uint64_t kept = writer->segment_bytes();
  REQUIRE(append(3, "three"));
  writer.reset();
  const auto whole = read_file(files, path(1));
  REQUIRE(whole);
  for (std::uint64_t size = kept; size < whole->size(); ++size) {
    INFO("torn at " << size);
    overwrite(path(1), whole->substr(0, size));
    REQUIRE(replayed() == Numbers{1, 2});
    CHECK(read_file(files, path(1))->size() == kept);
    // Zero bytes, as a file system may leave them, are no record either.
    overwrite(path(1), whole->substr(0, size) + std::string(whole->size() - size + 100, '\0'));
    REQUIRE(replayed() == Numbers{1, 2});
    CHECK(read_file(files, path(1))->size() == kept);
  }
  open_writer(3);
  REQUIRE(append(3, "again"));
  CHECK(replayed() == Numbers{1, 2, 3});
}

TEST_CASE_METHOD(WalFixture, "damage before the tail is refused by file and offset, and nothing is changed") {
  open_writer(1);
  REQUIRE(append(1, "one"));
  const std::uint64_t second = writer->segment_bytes();
  REQUIRE(append(2, "two"));
  const std::uint64_t third = writer->segment_bytes();
  REQUIRE(append(3, "three"));
  writer.reset();
  const auto whole = read_file(files, path(1));
  REQUIRE(whole);
  for (std::uint64_t at = second; at < third; ++at) {
    std::string damaged = *whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    overwrite(path(1), damaged);
    const auto result = replayed();
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::kCorruption);
    CHECK(result.error().message.find(path(1) + " at offset " + std::to_string(second)) != std::string::npos);
    CHECK(read_file(files, path(1)) == damaged);
  }
}

TEST_CASE_METHOD(WalFixture, "damage in a segment that is not the last is never a torn tail") {
  open_writer(1);
  REQUIRE(append(1, "one"));
  REQUIRE(append(2, "two"));
  REQUIRE(writer->rotate(SequenceNumber{3}));
  REQUIRE(append(3, "three"));
  writer.reset();
  auto first = *read_file(files, path(1));
  const auto spoil = GENERATE(0, 1, 2, 3);
  if (spoil == 0) first.pop_back();
  if (spoil == 1) first.back() ^= 1;
  if (spoil == 2) first[0] ^= 1;
  if (spoil == 3) first.resize(10);
  overwrite(path(1), first);
  const auto result = replayed();
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::kCorruption);
  CHECK(result.error().message.find(path(1)) != std::string::npos);
  CHECK(replayed(2) == Numbers{3});  // not needed, not read
}

TEST_CASE_METHOD(WalFixture, "a note that was left behind excuses no damage") {
  open_writer(1);
  REQUIRE(append(1, "one"));
  REQUIRE(append(2, "two"));
  REQUIRE(writer->rotate(SequenceNumber{3}));
  REQUIRE(append(3, "three"));
  REQUIRE(writer->rotate(SequenceNumber{4}));
  writer.reset();
  const std::string note = directory + '/' + unsettled_name(SequenceNumber{1});
  overwrite(note, "");
  SECTION("where the segments are whole, it goes") {
    CHECK(replayed() == Numbers{1, 2, 3});
    CHECK_FALSE(files.exists(note));
  }
  SECTION("where one is torn, there is a later segment than the one it speaks of") {
    auto first = *read_file(files, path(1));
    first.pop_back();
    overwrite(path(1), first);
    const auto result = replayed();
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::kCorruption);
    CHECK(files.exists(path(3)));
  }
}

TEST_CASE_METHOD(WalFixture, "the log of another version is refused by its name, and nothing is changed") {
  struct Case {
    const char* magic;
    const char* age;
  };
  const auto c = GENERATE(values<Case>({{"TIDEWAL1", "an earlier"}, {"TIDEWAL3", "a later"}}));
  open_writer(1);
  REQUIRE(append(1, "one"));
  writer.reset();
  const std::string other = c.magic + read_file(files, path(1))->substr(8);
  overwrite(path(1), other);
  const auto result = replayed();
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::kInvalidArgument);
  CHECK(result.error().message ==
        path(1) + " was written by " + c.age + " version of Tidemark, whose data this one does not read");
  CHECK(read_file(files, path(1)) == other);
}

TEST_CASE_METHOD(WalFixture, "the bytes of a segment") {
  open_writer(0x0102);
  REQUIRE(append(0x0102, "v"));
  const std::string bytes = *read_file(files, path(0x0102));
  CHECK(bytes.substr(0, 16) == std::string("TIDEWAL2\2\1\0\0\0\0\0\0", 16));
  const std::string record = payload(0x0102, "v");
  CHECK(bytes.substr(20, 4) == std::string{static_cast<char>(record.size()), 0, 0, 0});
  CHECK(bytes.substr(24) == record);
  CHECK(read_u32_le(bytes.data() + 16) == crc32c(0, std::string_view(bytes).substr(20)));
}

TEST_CASE_METHOD(WalFixture, "a missing segment is noticed") {
  open_writer(1);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    REQUIRE(append(i, "v"));
    REQUIRE(writer->rotate(SequenceNumber{i + 1}));
  }
  writer.reset();
  struct Case {
    std::uint64_t removed, after;
    bool fails;
  };
  const auto c =
      GENERATE(values<Case>({{1, 0, true}, {1, 1, false}, {2, 0, true}, {2, 1, true}, {2, 2, false}}));
  REQUIRE(files.remove(path(c.removed)));
  const auto result = replayed(c.after);
  CHECK(result.has_value() == !c.fails);
  if (!result) CHECK(result.error().code == ErrorCode::kCorruption);
  for (std::uint64_t i = 1; i <= 4; ++i) static_cast<void>(files.remove(path(i)));
  CHECK_FALSE(replayed(1));
  CHECK(replayed(0) == Numbers{});
}

TEST_CASE_METHOD(WalFixture, "errors of the visitor are passed on") {
  open_writer(1);
  REQUIRE(append(1, "v"));
  const auto result = replay(directory, files, {}, [](const ReplayedRecord&) -> Result<void> {
    return fail(Error::conflict("enough"));
  });
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "enough");
}

}  // namespace
}  // namespace tidemark::wal

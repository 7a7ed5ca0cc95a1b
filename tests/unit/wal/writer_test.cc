#include "wal/writer.h"

#include "tests/unit/wal/wal_fixture.h"

namespace tidemark::wal {
namespace {

using Numbers = std::vector<std::uint64_t>;

TEST_CASE_METHOD(WalFixture, "what was synced survives a power loss, what was not may be torn") {
  const int kept_percent = GENERATE(0, 1, 30, 50, 77, 99, 100);
  open_writer(1);
  REQUIRE(append(1, "one"));
  REQUIRE(append(2, "two"));
  REQUIRE(writer->sync());
  REQUIRE(append(3, "three"));
  writer.reset();
  files.lose_power(kept_percent);
  CHECK(replayed() == (kept_percent == 100 ? Numbers{1, 2, 3} : Numbers{1, 2}));
}

TEST_CASE_METHOD(WalFixture, "a segment that never became safe is no loss") {
  const int kept_percent = GENERATE(0, 40, 100);
  open_writer(1);
  REQUIRE(append(1, "one"));
  REQUIRE(writer->rotate(SequenceNumber{2}));  // syncs the first segment
  writer.reset();
  files.lose_power(kept_percent);
  CHECK(replayed() == Numbers{1});
  open_writer(2);
  REQUIRE(append(2, "two"));
  CHECK(replayed() == Numbers{1, 2});
}

TEST_CASE_METHOD(WalFixture, "a failed append leaves no trace, and the next one works") {
  const auto code = GENERATE(ErrorCode::kIo, ErrorCode::kNoSpace);
  open_writer(1);
  REQUIRE(append(1, "one"));
  const std::uint64_t size = writer->segment_bytes();
  files.fail_operation(1, false, code);
  const auto failed = append(2, "lost");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == code);
  CHECK(writer->segment_bytes() == size);
  REQUIRE(append(2, "two"));
  CHECK(replayed() == Numbers{1, 2});
}

TEST_CASE_METHOD(WalFixture, "a torn write that cannot be cut off stops the writer, not the reader") {
  open_writer(1);
  REQUIRE(append(1, "one"));
  files.fail_operation(1, true);
  CHECK_FALSE(append(2, "torn"));
  files.heal();
  CHECK_FALSE(append(2, "refused"));
  CHECK_FALSE(writer->rotate(SequenceNumber{2}));
  CHECK(replayed() == Numbers{1});
}

TEST_CASE_METHOD(WalFixture, "an append that could not be synced can be taken back") {
  open_writer(1);
  REQUIRE(append(1, "one"));
  REQUIRE(append(2, "two"));
  files.fail_operation(1);
  REQUIRE_FALSE(writer->sync());
  writer->undo_append();
  CHECK_FALSE(append(2, "refused"));
  CHECK(replayed() == Numbers{1});
}

TEST_CASE_METHOD(WalFixture, "whichever operation of a rotation fails, nothing is lost") {
  const int nth = GENERATE(1, 2, 3, 4);
  open_writer(1);
  REQUIRE(append(1, "one"));
  files.fail_operation(nth);
  const bool rotated = writer->rotate(SequenceNumber{2}).has_value();
  files.heal();
  CHECK(rotated == false);
  REQUIRE(append(2, "two"));
  REQUIRE(writer->rotate(SequenceNumber{3}));
  REQUIRE(append(3, "three"));
  CHECK(replayed() == Numbers{1, 2, 3});
}

TEST_CASE_METHOD(WalFixture, "a new segment never overwrites records") {
  open_writer(1);
  REQUIRE(append(1, "one"));
  writer.reset();
  const auto opened = Writer::open(directory, files, SequenceNumber{1});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::kCorruption);
}

TEST_CASE("segment names") {
  CHECK(segment_name(SequenceNumber{42}) == "00000000000000000042.log");
  CHECK(parse_segment_name("00000000000000000042.log") == SequenceNumber{42});
  for (const char* other :
       {"42.log", "00000000000000000042.txt", "0000000000000000004x.log", "CHECKPOINT", ""}) {
    CHECK_FALSE(parse_segment_name(other));
  }
}

}  // namespace
}  // namespace tidemark::wal

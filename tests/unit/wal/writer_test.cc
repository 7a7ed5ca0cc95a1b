#include "wal/writer.h"

#include "tests/support/gated_file_system.h"
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
  const int nth = GENERATE(1, 2, 3, 4, 5);
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

TEST_CASE_METHOD(WalFixture, "a prepared rotation syncs nothing, and the next sync makes up for it") {
  GatedFileSystem gated(files, GatedFileSystem::Gate::kSyncs);
  auto opened = Writer::open(directory, gated, SequenceNumber{1});
  REQUIRE(opened);
  writer = std::move(*opened);
  REQUIRE(append(1, "one"));
  REQUIRE(writer->prepare_rotation());
  REQUIRE(append(2, "two"));
  gated.close_gate();
  REQUIRE(writer->rotate(SequenceNumber{3}));  // would wait for ever
  REQUIRE(append(3, "three"));
  gated.open_gate();
  REQUIRE(writer->sync());
  writer.reset();
  files.lose_power(0);
  CHECK(replayed() == Numbers{1, 2, 3});
}

TEST_CASE_METHOD(WalFixture, "a power loss behind a prepared rotation takes only the end of the log") {
  const int kept_percent = GENERATE(0, 1, 30, 50, 77, 99, 100);
  const bool has_later = GENERATE(false, true);
  open_writer(1);
  REQUIRE(append(1, "one"));
  REQUIRE(writer->prepare_rotation());
  REQUIRE(append(2, "two"));
  REQUIRE(writer->rotate(SequenceNumber{3}));
  if (has_later) REQUIRE(append(3, "three"));
  writer.reset();
  files.lose_power(kept_percent);
  Numbers wanted{1};
  if (kept_percent == 100) wanted = has_later ? Numbers{1, 2, 3} : Numbers{1, 2};
  CHECK(replayed() == wanted);
  const std::uint64_t next = wanted.back() + 1;
  open_writer(next);
  REQUIRE(append(next, "next"));
  wanted.push_back(next);
  CHECK(replayed() == wanted);
  CHECK_FALSE(files.exists(directory + '/' + unsettled_name(SequenceNumber{1})));
}

TEST_CASE_METHOD(WalFixture, "whichever operation of a prepared rotation fails, the next one works") {
  const int nth = GENERATE(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  const bool loses_power = GENERATE(false, true);
  open_writer(1);
  REQUIRE(append(1, "one"));
  REQUIRE(writer->sync());
  std::uint64_t last = 1;
  const auto rotate = [this, &last]() -> Result<void> {
    RETURN_IF_ERROR(writer->prepare_rotation());
    RETURN_IF_ERROR(append(last + 1, "between"));
    ++last;
    RETURN_IF_ERROR(writer->rotate(SequenceNumber{last + 1}));
    RETURN_IF_ERROR(append(last + 1, "behind"));
    ++last;
    return writer->sync();
  };
  files.fail_operation(nth);
  const bool is_done = rotate().has_value();
  files.heal();
  CHECK_FALSE(is_done);
  if (loses_power) {
    writer.reset();
    files.lose_power(0);
    const auto left = replayed();
    REQUIRE(left);
    CHECK(left->size() <= last);
    last = left->back();
    open_writer(last + 1);
  }
  CHECK(rotate());
  Numbers all;
  for (std::uint64_t i = 1; i <= last; ++i) all.push_back(i);
  CHECK(replayed() == all);
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
  CHECK(unsettled_name(SequenceNumber{42}) == "00000000000000000042.unsettled");
  CHECK(parse_unsettled_name("00000000000000000042.unsettled") == SequenceNumber{42});
  CHECK_FALSE(parse_unsettled_name("00000000000000000042.log"));
  for (const char* other : {"42.log", "00000000000000000042.txt", "00000000000000000042.unsettled",
                            "0000000000000000004x.log", "CHECKPOINT", ""}) {
    CHECK_FALSE(parse_segment_name(other));
  }
}

}  // namespace
}  // namespace tidemark::wal

#include "wal/record.h"

#include <string>

#include "tests/support/catch.h"

namespace tidemark::wal {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST_CASE("a record reads back as it was written") {
  const std::string big(70'000, 'x');
  const std::vector<WriteView> writes = {
      {.kind = WriteKind::kPut,
       .space = Space::kState,
       .key = "k",
       .value = big,
       .old_size = 0,
       .old_value = "old",
       .in_history = true},
      {.kind = WriteKind::kPut,
       .space = Space::kState,
       .key = "k\0"sv,
       .value = "",
       .old_size = {},
       .old_value = "",
       .in_history = true},
      {.kind = WriteKind::kPut,
       .space = Space::kState,
       .key = "only the stream needs it",
       .value = "new",
       .old_size = 3,
       .old_value = "image"},
      {.kind = WriteKind::kDelete,
       .space = Space::kIndex,
       .key = "i",
       .value = "",
       .old_size = 409'600,
       .old_value = {}},
      {.kind = WriteKind::kDeleteRange,
       .space = Space::kCatalog,
       .key = "a",
       .value = "b",
       .old_size = {},
       .old_value = {}},
      {.kind = WriteKind::kAdjustCounters,
       .space = Space::kState,
       .key = "1234",
       .value = "5",
       .old_size = {},
       .old_value = {}},
      {.kind = WriteKind::kPut,
       .space = Space::kStream,
       .key = "of",
       .value = "0",
       .old_size = {},
       .old_value = {}},
      {.kind = WriteKind::kPut,
       .space = Space::kState,
       .key = "the copy in another region",
       .value = "new",
       .old_size = 0,
       .old_value = "",
       .in_history = true,
       .is_replicated = true},
  };
  std::string payload = "before";
  std::vector<std::uint32_t> offsets;
  append_payload(&payload, {SequenceNumber{7}, {123}, Origin::kTtl}, writes, &offsets);
  payload.erase(0, 6);
  RecordView record;
  REQUIRE(parse_payload(payload, &record));
  CHECK(record.sequence == SequenceNumber{7});
  CHECK(record.commit_time.micros == 123);
  CHECK(record.origin == Origin::kTtl);
  REQUIRE(record.writes.size() == writes.size());
  REQUIRE(offsets.size() == writes.size());
  for (std::size_t i = 0; i < writes.size(); ++i) {
    CHECK(record.writes[i].kind == writes[i].kind);
    CHECK(record.writes[i].space == writes[i].space);
    CHECK(record.writes[i].key == writes[i].key);
    CHECK(record.writes[i].value == writes[i].value);
    CHECK(record.writes[i].old_size == writes[i].old_size);
    CHECK(record.writes[i].old_value == writes[i].old_value);
    CHECK(record.writes[i].in_history == writes[i].in_history);
    CHECK(record.writes[i].is_replicated == writes[i].is_replicated);
    if (writes[i].in_history) {
      CHECK(payload.substr(offsets[i], writes[i].old_value->size()) == *writes[i].old_value);
    } else {
      CHECK(offsets[i] == 0);
    }
  }
  SECTION("and no part of it does") {
    for (std::size_t size = 0; size < payload.size(); size += size < 100 ? 1 : 997) {
      CHECK(parse_payload(std::string_view(payload).substr(0, size), &record).error().code ==
            ErrorCode::kCorruption);
    }
    CHECK_FALSE(parse_payload(payload + "x", &record));
  }
}

TEST_CASE("the bytes of a record") {
  std::string payload;
  append_payload(&payload, {SequenceNumber{2}, {3}, Origin::kImport},
                 {{.kind = WriteKind::kDelete,
                   .space = Space::kIndex,
                   .key = "k",
                   .value = "",
                   .old_size = 5,
                   .old_value = "o",
                   .in_history = true},
                  {.kind = WriteKind::kPut,
                   .space = Space::kState,
                   .key = "k",
                   .value = "v",
                   .old_size = {},
                   .old_value = ""},
                  {.kind = WriteKind::kDelete,
                   .space = Space::kState,
                   .key = "c",
                   .value = "",
                   .old_size = {},
                   .old_value = {},
                   .is_replicated = true}},
                 nullptr);
  CHECK(payload ==
        "\2\0\0\0\0\0\0\0"
        "\3\0\0\0\0\0\0\0"
        "\2\3"
        "\xc9\1k\0\6\1o"
        "\x40\1k\1v\0\0"
        "\x21\1c\0\0"s);
}

TEST_CASE("origins have fixed numbers, and unknown ones are kept") {
  struct Case {
    Origin origin;
    int number;
  };
  const auto c = GENERATE(values<Case>({{Origin::kClient, 0},
                                        {Origin::kTtl, 1},
                                        {Origin::kImport, 2},
                                        {Origin::kRestore, 3},
                                        {Origin::kRewind, 4},
                                        {Origin::kReplication, 5},
                                        {Origin::kBackfill, 6},
                                        {Origin::kSystem, 7},
                                        {Origin::kBulkPut, 8},
                                        {Origin{200}, 200}}));
  std::string payload;
  append_payload(&payload, {SequenceNumber{1}, {1}, c.origin}, {}, nullptr);
  CHECK(static_cast<unsigned char>(payload[16]) == c.number);
  RecordView record;
  REQUIRE(parse_payload(payload, &record));
  CHECK(static_cast<int>(record.origin) == c.number);
}

TEST_CASE("damaged records are refused") {
  struct Case {
    const char* why;
    std::string writes;
  };
  const auto c = GENERATE(values<Case>({
      {"a kind that does not exist", "\1\7\1k\0\0"s},
      {"a mark that was replicated", "\1\x38\1k\0\0"s},
      {"an index entry that was replicated", "\1\x28\1k\0\0"s},
      {"in the history, but without an image", "\1\x80\1k\0\0"s},
      {"more writes than bytes", "\xff\xff\xff\xff\x0f\0\1k\0\0"s},
      {"a key beyond the end", "\1\0\x7fk\0\0"s},
      {"a flag for an image that is not there", "\1\x40\1k\0\0"s},
  }));
  INFO(c.why);
  RecordView record;
  CHECK_FALSE(parse_payload(std::string(17, '\0') + c.writes, &record));
}

}  // namespace
}  // namespace tidemark::wal

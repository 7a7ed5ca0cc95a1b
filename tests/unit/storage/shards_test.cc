#include "storage/shards.h"

#include "tests/support/catch.h"

namespace tidemark::storage {
namespace {

constexpr Timestamp kCreated = Timestamp::from_seconds(1'767'225'600);

Timestamp hours_later(int hours) { return kCreated.plus_seconds(hours * 3'600); }

Stream stream_of(std::vector<PartitionId> partitions, std::optional<Timestamp> ended_at = {}) {
  Stream stream;
  stream.created_at = kCreated;
  stream.ended_at = ended_at;
  stream.partitions = std::move(partitions);
  return stream;
}

constexpr PartitionId kOne{7};

}  // namespace

TEST_CASE("sequence numbers have 22 digits and keep the order of commits") {
  const StreamPosition position{.time = {1'767'225'600'123'456}, .ordinal = 42};
  CHECK(sequence_number(position) == "1767225600123456000042");
  CHECK(parse_sequence_number("1767225600123456000042") == position);
  CHECK(sequence_number({.time = {5}, .ordinal = 1}) == "0000000000000005000001");
  CHECK(sequence_number(position) < sequence_number(next(position)));
  CHECK(sequence_number(next(position)) < sequence_number({.time = position.time.plus_micros(1)}));
}

TEST_CASE("what is no sequence number") {
  const auto* const text = GENERATE("", "123456", "1767225600123456-00042", "x767225600123456000042",
                                    "99999999999999999999999999999999999999", "999999999999999999999000000");
  CHECK_FALSE(parse_sequence_number(text));
}

TEST_CASE("shard ids tell the millisecond of the begin, and the partition") {
  const std::string id = shard_id(kOne, Timestamp::from_millis(1'571'780'995'058));
  CHECK(id.starts_with("shardId-00000001571780995058-"));
  CHECK(id.size() == 37);
  CHECK(id != shard_id(PartitionId{8}, Timestamp::from_millis(1'571'780'995'058)));
  CHECK(id.find_first_not_of("0123456789abcdef", 29) == std::string::npos);
}

TEST_CASE("a line of shards: every four hours a child of the one before") {
  struct Case {
    const char* why;
    int now_hours;
    int horizon_hours;
    std::vector<Shard> shards;
  };
  const Timestamp b0 = kCreated, b1 = hours_later(4), b2 = hours_later(8), b3 = hours_later(12);
  const auto c = GENERATE_COPY(values<Case>({
      {"new", 0, -24, {{kOne, b0, {}, {}}}},
      {"before the first roll", 3, -21, {{kOne, b0, {}, {}}}},
      {"at the roll", 4, -20, {{kOne, b0, b1, {}}, {kOne, b1, {}, b0}}},
      {"twice", 9, -15, {{kOne, b0, b1, {}}, {kOne, b1, b2, b0}, {kOne, b2, {}, b1}}},
      {"the parent is trimmed with its last record", 8, 4, {{kOne, b1, b2, b0}, {kOne, b2, {}, b1}}},
      {"a shard stays while a part of it can be read",
       8,
       3,
       {{kOne, b0, b1, {}}, {kOne, b1, b2, b0}, {kOne, b2, {}, b1}}},
      {"after a long time without anybody", 13, 13, {{kOne, b3, {}, b2}}},
  }));
  INFO(c.why);
  CHECK(shards_of(stream_of({kOne}), hours_later(c.now_hours), hours_later(c.horizon_hours)) == c.shards);
}

TEST_CASE("each partition has a line, and parents come before their children") {
  const Stream stream = stream_of({PartitionId{1}, PartitionId{2}, PartitionId{3}});
  const auto shards = shards_of(stream, hours_later(5), hours_later(-19));
  REQUIRE(shards.size() == 6);
  for (std::size_t i = 1; i < shards.size(); ++i) {
    CHECK(shard_id(shards[i - 1].partition, shards[i - 1].begin) <
          shard_id(shards[i].partition, shards[i].begin));
  }
  for (std::size_t i = 3; i < 6; ++i) {
    CHECK_FALSE(shards[i].end);
    CHECK(shards[i].parent_begin == kCreated);
  }
}

TEST_CASE("a stream that has ended has no open shard, at whatever time") {
  const Timestamp ended = hours_later(5).plus_micros(3);
  const int now = GENERATE(5, 6, 20);
  const auto shards = shards_of(stream_of({kOne}, ended), hours_later(now), hours_later(now - 24));
  REQUIRE(shards.size() == 2);
  CHECK(shards[1].end == ended.plus_micros(1));
  CHECK(ending_sequence_number(shards[1]) == sequence_number({.time = ended, .ordinal = 999'999}));
}

TEST_CASE("the numbers of a shard's records lie in its range") {
  const Shard shard{.partition = kOne, .begin = kCreated, .end = hours_later(4), .parent_begin = {}};
  CHECK(starting_sequence_number(shard) == "1767225600000000000000");
  CHECK(ending_sequence_number(shard) == "1767239999999999999999");
}

TEST_CASE("a shard is found by its id while it is shown") {
  const Stream stream = stream_of({kOne, PartitionId{8}});
  const std::string first = shard_id(kOne, kCreated);
  CHECK(find_shard(stream, first, hours_later(5), hours_later(-19))->end == hours_later(4));
  CHECK_FALSE(find_shard(stream, first, hours_later(30), hours_later(6)));
  CHECK_FALSE(find_shard(stream, shard_id(PartitionId{9}, kCreated), hours_later(5), hours_later(-19)));
  CHECK(find_shard(stream, first, hours_later(30), kCreated)->begin == kCreated);
  for (const std::string& id :
       {std::string(), first + "0", first.substr(0, 28), "shardId-" + std::string(20, '9') + "-0",
        shard_id(stream.partitions.front(), kCreated.plus_seconds(1)),
        shard_id(stream.partitions.front(), kCreated.plus_seconds(-4 * 3'600))}) {
    CHECK_FALSE(find_shard(stream, id, hours_later(30), kCreated));
  }
}

}  // namespace tidemark::storage

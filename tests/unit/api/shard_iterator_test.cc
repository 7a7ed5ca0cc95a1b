#include "api/streams/shard_iterator.h"

#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

ShardIterator example() {
  return {.stream_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/tab/stream/2026-01-01T00:00:00.000",
          .partition = storage::PartitionId{9},
          .shard_begin = Timestamp::from_seconds(1'767'225'600),
          .position = {.time = Timestamp::from_seconds(1'767'225'700), .ordinal = 3},
          .is_at_trim_horizon = true,
          .issued_at = Timestamp::from_seconds(1'767'225'800)};
}

}  // namespace

TEST_CASE("an iterator is the stream's ARN, a number and base64") {
  const std::string text = to_text(example());
  CHECK(text.starts_with(example().stream_arn + "|1|"));
  CHECK(parse_shard_iterator(text) == example());
}

TEST_CASE("what is no iterator") {
  const std::string text = to_text(example());
  std::string changed = text;
  changed[text.size() - 5] ^= 1;
  std::string of_other_stream = text;
  of_other_stream[text.find("/tab") + 1] = 'x';
  const auto c =
      GENERATE_COPY(values<std::string>({"", "x", "|1|", "arn|1|AAAA", text.substr(0, text.size() - 4),
                                         changed, of_other_stream, text + "AAAA"}));
  INFO(c);
  CHECK_FALSE(parse_shard_iterator(c));
}

}  // namespace tidemark::api

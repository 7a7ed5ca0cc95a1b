// Shard iterators: where a reader stands, as opaque text that the client carries.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "storage/partition.h"
#include "storage/shards.h"

namespace tidemark::api {

// Source: DynamoDB Streams API reference, GetShardIterator.
inline constexpr std::int64_t kIteratorSeconds = 15 * 60;

struct ShardIterator {
  std::string stream_arn;
  storage::PartitionId partition{};
  Timestamp shard_begin;
  storage::StreamPosition position;
  // Has seen nothing yet and wants what is oldest: what was trimmed meanwhile is passed over in silence.
  bool is_at_trim_horizon = false;
  Timestamp issued_at;

  bool operator==(const ShardIterator&) const = default;
};

// `<stream ARN>|1|<base64>`
std::string to_text(const ShardIterator& iterator);
// Nothing for what is not the text of an iterator.
std::optional<ShardIterator> parse_shard_iterator(std::string_view text);

}  // namespace tidemark::api

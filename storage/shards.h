// How the records of a stream are numbered, and how they are divided into shards.
//
// A record's number is made of its commit time, which no two commits share, and its place in the commit. So
// numbers grow in the order of commits, over all shards, and a moment divides them as well as a number does.
//
// Each partition of the table has a line of shards. Each shard takes four hours of the service's clock, from
// when the stream was created, and has the one before it as its parent. So the line is computed, never
// stored; what has to be made sure of before a shard is shown as closed is that no commit gets an earlier
// time any more (storage/streams.h). Source: DynamoDB developer guide, "Reading and processing a stream";
// rolls as observed.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "storage/partition.h"
#include "storage/stream.h"

namespace tidemark::storage {

// A record is at its position; a reader is at the position of the first record that it has not seen.
struct StreamPosition {
  Timestamp time;             // of the commit
  std::uint32_t ordinal = 0;  // of the write in its record of the log
  auto operator<=>(const StreamPosition&) const = default;
};

inline StreamPosition next(StreamPosition position) { return {position.time, position.ordinal + 1}; }

// At least 22 digits: microseconds since 1970, then six for the ordinal.
std::string sequence_number(StreamPosition position);
// Nothing for what is no number, or too large for one of ours.
std::optional<StreamPosition> parse_sequence_number(std::string_view text);

inline constexpr std::chrono::hours kShardHours{4};

struct Shard {
  PartitionId partition{};
  Timestamp begin;                        // of the records, inclusive
  std::optional<Timestamp> end;           // exclusive; nothing while it is open
  std::optional<Timestamp> parent_begin;  // which need not be listed any more

  bool operator==(const Shard&) const = default;
};

// `shardId-00000001571780995058-40810d86`: the millisecond of its begin, and the partition.
std::string shard_id(PartitionId partition, Timestamp begin);
// The numbers that the records of the shard lie between, inclusive.
std::string starting_sequence_number(const Shard& shard);
std::optional<std::string> ending_sequence_number(const Shard& shard);

// The shards that are open at `now` or have records later than `horizon`, in the order of their ids, so that
// a parent comes before its child. While the stream is on, one of each line is open.
std::vector<Shard> shards_of(const Stream& stream, Timestamp now, Timestamp horizon);
// One of them, by its id.
std::optional<Shard> find_shard(const Stream& stream, std::string_view id, Timestamp now, Timestamp horizon);

}  // namespace tidemark::storage

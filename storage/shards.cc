#include "storage/shards.h"

#include <algorithm>
#include <charconv>

namespace tidemark::storage {
namespace {

constexpr std::size_t kSequenceDigitsMin = 22;
constexpr std::size_t kOrdinalDigits = 6;
constexpr std::uint64_t kOrdinals = 1'000'000;
constexpr std::string_view kIdStart = "shardId-";
constexpr std::size_t kMillisDigits = 20;
constexpr std::size_t kSuffixDigits = 8;

std::string padded(std::string digits, std::size_t width) {
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

std::optional<std::uint64_t> number_of(std::string_view digits, int base = 10) {
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// Different for each partition, and not a small number.
std::string suffix_of(PartitionId partition) {
  constexpr std::uint32_t kOdd = 0x9e37'79b1U;
  const std::uint32_t mixed = static_cast<std::uint32_t>(partition) * kOdd;
  char digits[kSuffixDigits];
  const auto [end, error] = std::to_chars(digits, digits + kSuffixDigits, mixed, 16);
  return padded(std::string(digits, end), kSuffixDigits);
}

// A stretch of four hours, from 0.
std::int64_t turn_at(const Stream& stream, Timestamp time) {
  const auto age = std::max(time, stream.created_at) - stream.created_at;
  return age / std::chrono::microseconds(kShardHours);
}

Timestamp begin_of(const Stream& stream, std::int64_t turn) {
  return stream.created_at.plus(std::chrono::microseconds(kShardHours) * turn);
}

// The turns that are shown: from `first` to `last`.
struct Turns {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

Turns turns_of(const Stream& stream, Timestamp now, Timestamp horizon) {
  const std::int64_t last = turn_at(stream, stream.ended_at.value_or(now));
  // One that ends at the horizon has no record behind it.
  return {.first = std::min(turn_at(stream, horizon), last), .last = last};
}

Shard shard_at(const Stream& stream, PartitionId partition, std::int64_t turn, std::int64_t last_turn) {
  Shard shard{.partition = partition, .begin = begin_of(stream, turn), .end = {}, .parent_begin = {}};
  if (turn < last_turn) {
    shard.end = begin_of(stream, turn + 1);
  } else if (stream.ended_at) {
    shard.end = stream.ended_at->plus_micros(1);
  }
  if (turn > 0) shard.parent_begin = begin_of(stream, turn - 1);
  return shard;
}

}  // namespace

std::string sequence_number(StreamPosition position) {
  return padded(std::to_string(position.time.micros) +
                    padded(std::to_string(position.ordinal % kOrdinals), kOrdinalDigits),
                kSequenceDigitsMin);
}

std::optional<StreamPosition> parse_sequence_number(std::string_view text) {
  if (text.size() <= kOrdinalDigits) return std::nullopt;
  const auto micros = number_of(text.substr(0, text.size() - kOrdinalDigits));
  const auto ordinal = number_of(text.substr(text.size() - kOrdinalDigits));
  if (!micros || !ordinal || *micros > static_cast<std::uint64_t>(kLatestTime.micros)) return std::nullopt;
  return StreamPosition{.time = {static_cast<std::int64_t>(*micros)},
                        .ordinal = static_cast<std::uint32_t>(*ordinal)};
}

std::string shard_id(PartitionId partition, Timestamp begin) {
  return std::string(kIdStart) + padded(std::to_string(begin.millis()), kMillisDigits) + '-' +
         suffix_of(partition);
}

std::string starting_sequence_number(const Shard& shard) {
  return sequence_number({.time = shard.begin, .ordinal = 0});
}

std::optional<std::string> ending_sequence_number(const Shard& shard) {
  if (!shard.end) return std::nullopt;
  return sequence_number(
      {.time = shard.end->plus_micros(-1), .ordinal = static_cast<std::uint32_t>(kOrdinals - 1)});
}

std::vector<Shard> shards_of(const Stream& stream, Timestamp now, Timestamp horizon) {
  const Turns turns = turns_of(stream, now, horizon);
  std::vector<PartitionId> partitions = stream.partitions;
  std::sort(partitions.begin(), partitions.end(),
            [](PartitionId a, PartitionId b) { return suffix_of(a) < suffix_of(b); });
  std::vector<Shard> shards;
  for (std::int64_t turn = turns.first; turn <= turns.last; ++turn) {
    for (const PartitionId partition : partitions) {
      shards.push_back(shard_at(stream, partition, turn, turns.last));
    }
  }
  return shards;
}

std::optional<Shard> find_shard(const Stream& stream, std::string_view id, Timestamp now, Timestamp horizon) {
  if (!id.starts_with(kIdStart) || id.size() < kIdStart.size() + kMillisDigits) return std::nullopt;
  const auto millis = number_of(id.substr(kIdStart.size(), kMillisDigits));
  if (!millis || *millis > static_cast<std::uint64_t>(kLatestTime.millis())) return std::nullopt;
  // Its begin lies in that millisecond.
  const std::int64_t turn = turn_at(stream, {static_cast<std::int64_t>(*millis) * 1'000 + 999});
  const Turns turns = turns_of(stream, now, horizon);
  if (turn < turns.first || turn > turns.last) return std::nullopt;
  for (const PartitionId partition : stream.partitions) {
    const Shard shard = shard_at(stream, partition, turn, turns.last);
    if (shard_id(partition, shard.begin) == id) return shard;
  }
  return std::nullopt;
}

}  // namespace tidemark::storage

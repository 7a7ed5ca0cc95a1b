// Partitions: the shares of a table's hash space.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "model/table_schema.h"

namespace tidemark::storage {

// model::partition_hash() has 16 bits.
inline constexpr std::uint32_t kHashes = 0x1'0000;

// A contiguous share of the hash space, both ends inclusive.
struct HashRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0xffff;
  bool operator==(const HashRange&) const = default;
};

// Hash h belongs to share h * shares / kHashes of so many even ones: this is where share `share` begins, and
// kHashes for the one behind the last. Of more shares than hashes, most are empty.
constexpr std::uint32_t first_hash_of_share(std::uint32_t share, std::uint32_t shares) {
  return static_cast<std::uint32_t>((std::uint64_t{kHashes} * share + shares - 1) / shares);
}
// `shares` must be 1 to kHashes.
std::vector<HashRange> even_shares(std::uint32_t shares);

// From the same sequence as TableId.
enum class PartitionId : std::uint32_t {};

// The items whose partition key has one of these hashes. Exports write a file for each, streams will have a
// line of shards for each.
struct Partition {
  PartitionId id{};
  HashRange hashes;
  std::optional<PartitionId> parent;  // the one that it was split off from
  Timestamp created_at;
};

// The one that has the hash; `partitions` must be in hash order, without gaps.
const Partition& partition_of(const std::vector<Partition>& partitions, std::uint16_t hash);

// With how many partitions the service would begin.
// Source: DynamoDB developer guide, "Partitions and data distribution"; on-demand as observed.
std::uint32_t initial_partition_count(const model::TableSchema& schema);

}  // namespace tidemark::storage

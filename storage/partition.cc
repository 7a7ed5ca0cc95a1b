#include "storage/partition.h"

#include <algorithm>

namespace tidemark::storage {

std::vector<HashRange> even_shares(std::uint32_t shares) {
  std::vector<HashRange> ranges;
  for (std::uint32_t share = 0; share < shares; ++share) {
    ranges.push_back({.first = static_cast<std::uint16_t>(first_hash_of_share(share, shares)),
                      .last = static_cast<std::uint16_t>(first_hash_of_share(share + 1, shares) - 1)});
  }
  return ranges;
}

const Partition& partition_of(const std::vector<Partition>& partitions, std::uint16_t hash) {
  return *std::lower_bound(
      partitions.begin(), partitions.end(), hash,
      [](const Partition& partition, std::uint16_t wanted) { return partition.hashes.last < wanted; });
}

std::uint32_t initial_partition_count(const model::TableSchema& schema) {
  constexpr std::uint32_t kOnDemandPartitions = 4;
  constexpr std::int64_t kPartitionsMax = 256;
  if (schema.billing_mode == model::BillingMode::kPayPerRequest) return kOnDemandPartitions;
  // A partition serves 3,000 read or 1,000 write units.
  const std::int64_t thirds = schema.throughput.read_units + 3 * schema.throughput.write_units;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>((thirds + 2'999) / 3'000, 1, kPartitionsMax));
}

}  // namespace tidemark::storage

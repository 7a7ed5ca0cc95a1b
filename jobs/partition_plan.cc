#include "jobs/partition_plan.h"

#include <string>
#include <utility>

namespace tidemark::jobs {

void plan_partitions(const std::vector<storage::Partition>& partitions, std::uint64_t expected_items,
                     JobProgress& progress) {
  std::vector<PlannedPart> parts;
  parts.reserve(partitions.size());
  for (const storage::Partition& partition : partitions) {
    // Keys are hashed: a share of the hashes is about as large a share of the items.
    const std::uint64_t before = expected_items * partition.hashes.first / storage::kHashes;
    const std::uint64_t behind =
        expected_items * (partition.hashes.last + std::uint64_t{1}) / storage::kHashes;
    parts.push_back(
        {"partition " + std::to_string(static_cast<std::uint32_t>(partition.id)), behind - before});
  }
  progress.plan(std::move(parts), Measure::kItems);
}

}  // namespace tidemark::jobs

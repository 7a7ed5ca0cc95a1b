// The parts of a job that works on the partitions of a table.
#pragma once

#include <cstdint>
#include <vector>

#include "jobs/job_progress.h"
#include "storage/partition.h"

namespace tidemark::jobs {

// One part a partition, measured in items, of which there are about so many in all.
void plan_partitions(const std::vector<storage::Partition>& partitions, std::uint64_t expected_items,
                     JobProgress& progress);

}  // namespace tidemark::jobs

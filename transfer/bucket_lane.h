// Where exports and imports wait their turn.
#pragma once

#include <string>

#include "jobs/job_lane.h"
#include "transfer/bucket/bucket.h"

namespace tidemark::transfer {

// Where a job runs that writes to the bucket, or reads from it.
inline jobs::JobLane lane_of(const Buckets& buckets, const std::string& bucket) {
  return buckets.is_elsewhere(bucket) ? jobs::JobLane::kElsewhere : jobs::JobLane::kMachine;
}

}  // namespace tidemark::transfer

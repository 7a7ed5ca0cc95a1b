// The objects that an import or a bulk operation reads: listed once, then read in this order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "base/result.h"
#include "jobs/job_outcome.h"
#include "jobs/job_progress.h"
#include "jobs/job_stop.h"
#include "transfer/bucket/bucket.h"
#include "transfer/format/record_stream.h"

namespace tidemark::transfer {

// Source: DynamoDB developer guide, quotas of imports and of bulk operations.
inline constexpr std::size_t kSourceObjectsMax = 50'000;

// All objects whose keys begin with `prefix`, in the order of their keys. `reader` is who reads them, for the
// message of TooManyObjects: `An import`. Errors: the failure of the job.
jobs::JobResult<std::vector<ListedObject>> list_source(Bucket& bucket, const std::string& prefix,
                                                       std::string_view reader, Random& random,
                                                       const jobs::JobStop& stop);

// A part of the job for each object.
void plan_objects(const std::vector<ListedObject>& sources, jobs::JobProgress& progress);

// Feeds the bytes of an object to `stream`, a block at a time, from the first to the last. `take` is called
// after each block, with how many bytes it had, and once behind the end, with none: it takes the records that
// are there, and answers false when nothing behind them can be read any more. Returns how many bytes were
// read. Errors: kUnavailable when the stop is requested; those of the file and of `take`.
Result<std::uint64_t> feed_object(const File& data, std::uint64_t size, const std::string& key,
                                  std::size_t block_bytes, const jobs::JobStop& stop,
                                  format::RecordStream& stream,
                                  const std::function<Result<bool>(std::uint64_t)>& take);

}  // namespace tidemark::transfer

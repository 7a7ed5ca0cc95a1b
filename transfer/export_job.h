// Writes one export: the files of what it reads, the manifests, the outcome. Each object is written
// with the rights of the account that asked for the export.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "jobs/job_outcome.h"
#include "jobs/job_progress.h"
#include "jobs/job_stop.h"
#include "transfer/bucket/bucket.h"
#include "transfer/export_record.h"
#include "transfer/export_source.h"
#include "transfer/manifest.h"

namespace tidemark::transfer {

struct ExportJobContext {
  Buckets& buckets;
  Clock& clock;
  Random& random;
  int workers = 4;                   // threads that scan, compress and upload partitions
  std::uint64_t expected_items = 0;  // for the progress: about how many there are; 0: nobody knows
  std::function<bool()> may_end = [] { return true; };
};

// One data file or more for each partition, then the manifests, each written by a multipart upload and
// visible only when whole.
class ExportJob {
 public:
  ExportJob(ExportRecord record, std::unique_ptr<ExportSource> source, ExportJobContext context)
      : record_(std::move(record)), source_(std::move(source)), context_(std::move(context)) {}

  // The source is let go as soon as the data is written. `progress` has a part for each partition. Returns
  // the record with its outcome filled in; on a failure what was written stays, as with the service.
  // Postponed while it may not end: the data is there then, the next call writes the manifests.
  jobs::JobResult<ExportRecord> run(const jobs::JobStop& stop, jobs::JobProgress& progress);

 private:
  jobs::JobResult<void> write(Bucket& bucket, const jobs::JobStop& stop, jobs::JobProgress& progress);
  jobs::JobResult<void> survey(const jobs::JobStop& stop, jobs::JobProgress& progress);
  jobs::JobResult<void> write_data(Bucket& bucket, const jobs::JobStop& stop, jobs::JobProgress& progress);
  jobs::JobResult<void> write_manifests(Bucket& bucket, jobs::JobProgress& progress);

  ExportRecord record_;
  std::unique_ptr<ExportSource> source_;  // until the data is written
  ExportJobContext context_;
  std::vector<DataFile> files_;
};

}  // namespace tidemark::transfer

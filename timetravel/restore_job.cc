#include "timetravel/restore_job.h"

#include <algorithm>
#include <cstdint>

#include "jobs/parallel.h"
#include "jobs/partition_plan.h"
#include "storage/bulk_loader.h"

namespace tidemark::timetravel {
namespace {

using jobs::JobCounts;
using jobs::JobFailure;
using jobs::JobProgress;
using jobs::JobResult;
using jobs::JobStop;

constexpr std::uint64_t kItemsPerReport = 1'024;

// Copies one partition of the source.
Result<void> copy_partition(storage::SnapshotReader& reader, storage::BulkLoader::SortedFeeder& feeder,
                            std::size_t position, const JobStop& stop, JobProgress& progress) {
  progress.begin_part(position);
  JobCounts batch;
  const auto report = [&] {
    progress.add(position, batch, batch.items);
    batch = {};
  };
  while (reader.next()) {
    RETURN_IF_ERROR(feeder.add(reader.text(), reader.size_bytes()));
    batch.bytes += reader.size_bytes();
    if (++batch.items < kItemsPerReport) continue;
    report();
    if (stop.requested()) return fail(Error::unavailable("stopped"));
  }
  RETURN_IF_ERROR(reader.status());
  RETURN_IF_ERROR(feeder.finish());
  report();
  progress.end_part(position);
  return {};
}

JobResult<void> copy_items(storage::TableSnapshot& snapshot, storage::BulkLoader& loader, int workers,
                           const JobStop& stop, JobProgress& progress) {
  const auto& partitions = snapshot.partitions();
  const auto done =
      jobs::run_parallel(partitions.size(), workers, stop.token(), [&](std::size_t position) -> Result<void> {
        ASSIGN_OR_RETURN(const auto reader, snapshot.read(partitions[position].hashes));
        const auto feeder = loader.sorted_feeder();
        return copy_partition(*reader, *feeder, position, stop, progress);
      });
  if (!done && stop.requested()) return fail(stop.failure());
  if (!done) return fail(JobFailure::internal(done.error()));
  return {};
}

}  // namespace

JobResult<RestoreRecord> run_restore(RestoreRecord record, const RestoreJobContext& context,
                                     const JobStop& stop, JobProgress& progress,
                                     const SaveLoaded& save_loaded) {
  if (stop.requested()) return fail(stop.failure());
  const storage::TableId table{record.table_id};
  const storage::TableId source{record.source_table_id};
  auto snapshot = context.engine.snapshot_at(source, record.moment, storage::Reach::kHeld);
  if (!snapshot) return fail(JobFailure::internal(snapshot.error()));
  auto loader = context.engine.bulk_loader(table, {.merge_threads = context.workers});
  if (!loader) return fail(JobFailure::internal(loader.error()));

  const auto items = std::max<std::int64_t>(context.engine.stats(source).item_count, 0);
  jobs::plan_partitions((*snapshot)->partitions(), static_cast<std::uint64_t>(items), progress);
  progress.enter("copying");
  RETURN_IF_ERROR(copy_items(**snapshot, **loader, context.workers, stop, progress));
  snapshot->reset();
  record.totals = progress.counts();
  record.loaded = true;
  if (auto saved = save_loaded(record); !saved) return fail(JobFailure::internal(saved.error()));
  progress.enter("loading");
  if (auto loaded = (*loader)->finish(); !loaded) return fail(JobFailure::internal(loaded.error()));
  return record;
}

}  // namespace tidemark::timetravel

// Exports as jobs: how one is begun, and taken up after a restart.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "jobs/job_holds.h"
#include "jobs/job_kind.h"
#include "storage/engine.h"
#include "transfer/bucket/bucket.h"
#include "transfer/export_record.h"
#include "transfer/export_source.h"
#include "transfer/item_filter.h"

namespace tidemark::transfer {

struct ExportRequest {
  // The members that the request decides, the window among them; ids, other times and outcome are filled in.
  ExportRecord record;
  std::optional<Timestamp> export_time = std::nullopt;  // of a full export; nothing: now
};

enum class ExportRefusal {
  kTokenConflict,    // the client token belongs to a request with other parameters
  kTimeUnavailable,  // the export time or window is outside what history holds
  kTableNotFound,
  kTooManyJobs,
  kEngine,
};

// Thread-safety: all methods may be called concurrently.
class ExportJobs {
 public:
  // All must outlive it. `workers` are the threads of one job.
  ExportJobs(jobs::JobRegistry& registry, storage::Engine& engine, Buckets& buckets, Clock& clock,
             Random& random, CompileItemFilter compile_filter, int workers);

  // What the export shows is held when this returns, over restarts, until the job is over. A
  // repeated client token answers the record it began. Source: DynamoDB API reference,
  // ExportTableToPointInTime, ClientToken.
  Result<ExportRecord, jobs::StartError<ExportRefusal>> start(ExportRequest request);

  // The export that the request repeats, by its owner, client token and fingerprint; nothing: it is a new
  // one. Errors: kTokenConflict.
  [[nodiscard]] Result<std::optional<ExportRecord>, jobs::StartError<ExportRefusal>> find_repeated(
      const ExportRecord& request) const;

  [[nodiscard]] const jobs::JobBook<ExportRecord>& book() const { return kind_.book(); }

 private:
  using Kind = jobs::JobKind<ExportRecord>;

  Kind::Work work(const ExportRecord& record, std::unique_ptr<ExportSource> source);
  // Name the job, hold what it shows and pin that. Errors: those of Holds, snapshots and changes.
  Result<std::unique_ptr<ExportSource>> pin(const std::optional<Timestamp>& export_time,
                                            ExportRecord* record);
  Result<std::unique_ptr<ExportSource>> pin_present(ExportRecord* record, std::unique_ptr<ItemFilter> filter);
  // What the record says, which is held.
  Result<std::unique_ptr<ExportSource>> pin_held(const ExportRecord& record,
                                                 std::unique_ptr<ItemFilter> filter);
  // Null where the record has none. Errors: kCorruption.
  [[nodiscard]] Result<std::unique_ptr<ItemFilter>> filter_of(const ExportRecord& record) const;
  Result<void> hold(const ExportRecord& record);
  void resume(const ExportRecord& record);

  storage::Engine& engine_;
  Buckets& buckets_;
  Clock& clock_;
  Random& random_;
  const CompileItemFilter compile_filter_;
  const int workers_;
  std::mutex start_mutex_;  // one start at a time: tokens are looked up and recorded
  jobs::JobHolds holds_;
  Kind kind_;  // last: its jobs use what is above
};

}  // namespace tidemark::transfer

// Bulk operations as jobs: how one is begun, cancelled, and taken up after a restart.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "base/result.h"
#include "jobs/job_kind.h"
#include "s3emu/access/job_access.h"
#include "s3emu/store/object_store.h"
#include "storage/engine.h"
#include "transfer/bulk_record.h"
#include "transfer/put_condition.h"

namespace tidemark::transfer {

enum class BulkRefusal {
  kTokenConflict,  // the client token belongs to a request with other parameters
  kTooManyJobs,
  kEngine,
};

// How far an operation is, running or over.
struct BulkNumbers {
  jobs::JobCounts counts;
  std::uint64_t processed_input_bytes = 0;
  std::optional<std::uint64_t> total_input_bytes;  // nothing: not known yet
};

// Thread-safety: all methods may be called concurrently.
class BulkJobs {
 public:
  struct Options {
    std::string report_directory;
    int workers = 4;  // threads of one job
  };

  // All must outlive it.
  BulkJobs(jobs::JobRegistry& registry, storage::Engine& engine, s3emu::ObjectStore& objects,
           s3emu::JobAccess& access, FileSystem& files, Clock& clock, Random& random,
           CompilePutCondition compile_condition, Options options);

  // A repeated client token answers the record it began.
  Result<BulkRecord, jobs::StartError<BulkRefusal>> start(BulkRecord record);

  // Errors: kNotFound; kConflict when it has ended; those of storage::Catalog.
  Result<void> cancel(const BulkRecord& record) { return registry_.cancel(record.id); }

  [[nodiscard]] const jobs::JobBook<BulkRecord>& book() const { return kind_.book(); }
  [[nodiscard]] BulkNumbers numbers(const BulkRecord& record) const;

 private:
  using Kind = jobs::JobKind<BulkRecord>;

  Kind::Work work(const BulkRecord& record);
  // A job that was cut short gets the numbers of its receipts.
  Result<void> settle(BulkRecord& record, bool worked);
  Result<void> clear(const BulkRecord& record);

  jobs::JobRegistry& registry_;
  storage::Engine& engine_;
  s3emu::ObjectStore& objects_;
  s3emu::JobAccess& access_;
  FileSystem& files_;
  Clock& clock_;
  Random& random_;
  const CompilePutCondition compile_condition_;
  const Options options_;
  std::mutex start_mutex_;  // one start at a time: tokens are looked up and recorded
  Kind kind_;               // last: its jobs use what is above
};

}  // namespace tidemark::transfer

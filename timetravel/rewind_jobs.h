// Rewinds as jobs: how one is begun, and taken up after a restart.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "jobs/job_holds.h"
#include "jobs/job_kind.h"
#include "storage/engine.h"
#include "timetravel/rewind_record.h"

namespace tidemark::timetravel {

inline constexpr char kRewindKind[] = "rewind";

struct RewindRequest {
  storage::TablePtr table;
  Timestamp to;
  std::vector<std::string> keys;  // canonical texts; empty: all items
};

// A rewind holds the history that it needs, over restarts too. One that meets a full disk waits for space,
// and while the clock is frozen for that to go on, too.
// Thread-safety: all methods may be called concurrently.
class RewindJobs {
 public:
  // All must outlive it.
  RewindJobs(jobs::JobRegistry& registry, storage::Engine& engine);

  // Errors: kInvalidArgument, with a sentence for the client, when the moment is out of reach; kConflict when
  // the table is not ACTIVE, is being rewound, or too many jobs wait; kNotFound; those of storage::Catalog.
  Result<RewindRecord> start(const RewindRequest& request);

  [[nodiscard]] const jobs::JobBook<RewindRecord>& book() const { return kind_.book(); }

 private:
  using Kind = jobs::JobKind<RewindRecord>;

  Result<void> hold(RewindRecord* record);
  Kind::Work work(const RewindRecord& record);
  jobs::JobResult<RewindRecord> run(const RewindRecord& record, const jobs::JobStop& stop,
                                    jobs::JobProgress& progress);
  void resume(const RewindRecord& record);

  storage::Engine& engine_;
  jobs::JobRegistry& registry_;
  std::mutex start_mutex_;  // one start at a time: a table is rewound once at a time
  jobs::JobHolds holds_;
  Kind kind_;  // last: its jobs use what is above
};

}  // namespace tidemark::timetravel

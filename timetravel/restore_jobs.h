// Restores as jobs: how one is begun with its table, and taken up after a restart.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "jobs/job_holds.h"
#include "jobs/job_kind.h"
#include "model/table_schema.h"
#include "storage/engine.h"
#include "timetravel/restore_record.h"

namespace tidemark::timetravel {

// Who fills a table that is being restored (storage::FilledBy).
inline constexpr char kRestoreKind[] = "restore";
// Restores that may be in progress at a time. Source: DynamoDB quotas.
inline constexpr std::size_t kRestoresMax = 50;

struct RestoreRequest {
  // The members that the request decides: account, region, source, backup and the time that is shown; ids,
  // the target's names, other times and the outcome are filled in.
  RestoreRecord record;
  Timestamp moment;  // to be read; storage::kFromNowOn for everything written until now
  model::TableSchema schema;
};

struct StartedRestore {
  RestoreRecord record;
  storage::TablePtr table;  // the new one as it began, CREATING
};

enum class RestoreRefusal {
  kSourceNotFound,
  kTimeUnavailable,
  kTableExists,
  kBackupInUse,  // another restore reads the same backup
  kTooManyRestores,
  kEngine,
};

// A restore holds the history that it needs from before its start returns, so that it does its work whatever
// happens to the source, and over restarts. Thread-safety: all methods may be called concurrently.
class RestoreJobs {
 public:
  // All must outlive it. `workers`: threads of one job.
  RestoreJobs(jobs::JobRegistry& registry, storage::Engine& engine, Clock& clock, int workers);

  // Creates the table, CREATING until the items are in and the time of restores is over (JobRegistry).
  Result<StartedRestore, jobs::StartError<RestoreRefusal>> start(RestoreRequest request);

  // Whether a restore from this backup is in progress.
  [[nodiscard]] bool is_restoring(std::string_view backup_arn) const;
  // The restore that fills the table; nothing when none does.
  [[nodiscard]] std::optional<RestoreRecord> restore_into(const storage::Table& table) const;

  [[nodiscard]] const jobs::JobBook<RestoreRecord>& book() const { return kind_.book(); }

 private:
  using Kind = jobs::JobKind<RestoreRecord>;

  Result<void> hold(Timestamp moment, RestoreRecord* record);
  // `filled`: the table is filled already, and waits for its time.
  Kind::Work work(const RestoreRecord& record,
                  std::optional<jobs::JobResult<RestoreRecord>> filled = std::nullopt);
  jobs::JobResult<RestoreRecord> fill(const RestoreRecord& record, const jobs::JobStop& stop,
                                      jobs::JobProgress& progress);
  void resume(const RestoreRecord& record);

  storage::Engine& engine_;
  Clock& clock_;
  const int workers_;
  std::mutex start_mutex_;  // one start at a time: restores are counted
  jobs::JobHolds holds_;
  Kind kind_;  // last: its jobs use what is above
};

}  // namespace tidemark::timetravel

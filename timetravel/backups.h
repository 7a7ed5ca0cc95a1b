// Backups: a named hold on the history of a table, and a record of what the table was. Nothing is copied, so
// taking one takes no longer for a large table. It outlives the table (see retired tables in
// storage/catalog.h).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/schedule.h"
#include "storage/engine.h"
#include "timetravel/backup_record.h"
#include "timetravel/restore_jobs.h"

namespace tidemark::timetravel {

using BackupPtr = std::shared_ptr<const BackupRecord>;

// Oldest first.
struct BackupPage {
  std::vector<BackupPtr> records;
  bool has_more = false;
};

// Thread-safety: all methods may be called concurrently. Errors besides those named: kIo, kNoSpace,
// kUnavailable.
class Backups {
 public:
  // How long the backup is kept that the deletion of a table makes. Source: DynamoDB developer guide,
  // "Point-in-time recovery".
  static constexpr std::int64_t kSystemBackupSeconds = 35LL * 24 * 3'600;

  // Takes up what is in the catalog, and makes the backups of tables whose deletion the end of the process
  // cut off. All must outlive it.
  Backups(storage::Engine& engine, RestoreJobs& restores, Clock& clock, Random& random, Schedule& schedule);
  ~Backups();
  Backups(const Backups&) = delete;
  Backups& operator=(const Backups&) = delete;

  // Takes in the table with everything that was written until now. Errors: kNotFound when the table is gone.
  Result<BackupPtr> create(const storage::Table& table, std::string name);

  // Null when there is none, or none any more.
  [[nodiscard]] BackupPtr find(std::string_view arn) const;
  // Up to `records_max` backups behind the one with the ARN `after`, which may be gone; all from the first on
  // when that is empty.
  [[nodiscard]] BackupPage list(std::string_view after, std::size_t records_max,
                                const std::function<bool(const BackupRecord&)>& filter) const;

  // What it kept of the table goes, unless others need it. Errors: kNotFound.
  Result<BackupPtr> remove(std::string_view arn);

  // Removes those whose time is over, but for what a restore reads at this moment.
  void remove_expired(Timestamp now);

 private:
  // By id, then by ARN: in the order of creation.
  using Place = std::pair<std::string, std::string>;
  static Place place_of(std::string_view arn);

  // The ARNs of records that cannot be read, those of a later version for one.
  std::set<std::string> load();
  // Records without holds and holds without records: what the end of the process left in between. What an
  // unread record holds stays, for whoever can read it.
  void tidy(const std::set<std::string>& unread);
  // Does nothing when there is one.
  void make_system_backup(const storage::Table& table);
  void name_system_backup(const std::string& table_arn, BackupRecord* record) const;
  [[nodiscard]] bool knows_hold(const std::string& hold) const;
  Result<BackupPtr> keep(BackupRecord record);
  Result<void> forget(const BackupRecord& record);

  storage::Engine& engine_;
  RestoreJobs& restores_;
  Clock& clock_;
  Random& random_;
  std::mutex system_mutex_;  // held while a system backup is made; before mutex_
  mutable std::mutex mutex_;
  std::map<Place, BackupPtr> backups_;  // guarded by mutex_
  ScheduledTask expiry_;                // last: it uses what is above
};

}  // namespace tidemark::timetravel

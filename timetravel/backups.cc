#include "timetravel/backups.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/log.h"
#include "jobs/job_record.h"

namespace tidemark::timetravel {
namespace {

constexpr char kDocumentKind[] = "backup";
constexpr std::string_view kHoldPrefix = "backup/";
constexpr std::string_view kSystemNameSuffix = "$DeletedTableBackup";
// What stands for chance in the ids of system backups.
constexpr std::string_view kSystemIdSuffix = "00000000";

bool is_over(const BackupRecord& record, Timestamp now) {
  return record.expires_at && *record.expires_at <= now;
}

// Whether one of these is a system backup of a table with that ARN.
bool has_system_backup(const std::set<std::string>& arns, const storage::Table& table) {
  const std::string prefix = table.schema.arn() + "/backup/";
  return std::ranges::any_of(arns, [&prefix](const std::string& arn) {
    return arn.starts_with(prefix) && arn.ends_with(kSystemIdSuffix);
  });
}

}  // namespace

Backups::Backups(storage::Engine& engine, RestoreJobs& restores, Clock& clock, Random& random,
                 Schedule& schedule)
    : engine_(engine), restores_(restores), clock_(clock), random_(random) {
  const std::set<std::string> unread = load();
  engine_.table_states().on_retired([this](storage::TableId table) {
    if (const auto retired = engine_.catalog().find_retired(table)) make_system_backup(*retired);
  });
  tidy(unread);
  expiry_ = schedule.every(std::chrono::hours(1), "backup expiry",
                           [this] { remove_expired(clock_.forgetting_time()); });
}

Backups::~Backups() {
  engine_.table_states().on_retired({});
  expiry_.cancel();
}

Backups::Place Backups::place_of(std::string_view arn) {
  return {std::string(arn.substr(arn.rfind('/') + 1)), std::string(arn)};
}

std::set<std::string> Backups::load() {
  std::set<std::string> unread;
  for (const auto& [arn, text] : engine_.catalog().list_documents(kDocumentKind)) {
    if (auto record = BackupRecord::from_json(text)) {
      backups_.emplace(place_of(arn), std::make_shared<const BackupRecord>(*std::move(record)));
    } else {
      log::error("the record of a backup cannot be read; what it keeps stays",
                 {{"arn", arn}, {"error", record.error().message}});
      unread.insert(arn);
    }
  }
  return unread;
}

void Backups::tidy(const std::set<std::string>& unread) {
  std::set<std::string> held;
  for (const auto& hold : engine_.holds().list()) held.insert(hold.who);
  std::set<std::string> known;
  for (const std::string& arn : unread) known.insert(std::string(kHoldPrefix) + arn);
  for (const BackupPtr& backup : list({}, SIZE_MAX, [](const BackupRecord&) { return true; }).records) {
    if (held.contains(backup->hold)) {
      known.insert(backup->hold);
    } else {
      static_cast<void>(remove(backup->arn));
    }
  }
  for (const std::string& who : held) {
    if (!who.starts_with(kHoldPrefix) || known.contains(who)) continue;
    if (const auto released = engine_.holds().release(who); !released) {
      log::warn("what a backup kept stays until the next start", {{"error", released.error().message}});
    }
  }
  for (const storage::TablePtr& table : engine_.catalog().retired()) {
    const std::string who = storage::deleted_table_hold(table->id);
    if (held.contains(who) && !has_system_backup(unread, *table)) make_system_backup(*table);
  }
}

// Called with the tables locked.
void Backups::make_system_backup(const storage::Table& table) {
  const std::lock_guard making(system_mutex_);
  if (knows_hold(storage::deleted_table_hold(table.id))) return;
  BackupRecord record;
  record.type = BackupType::kSystem;
  record.created_at = clock_.now().floor_millis();
  record.expires_at = record.created_at.plus_seconds(kSystemBackupSeconds);
  name_system_backup(table.schema.arn(), &record);
  record.name = table.schema.name + std::string(kSystemNameSuffix);
  record.schema = table.schema;
  record.table = table.id;
  record.hold = storage::deleted_table_hold(table.id);
  // Nothing happens to the table any more: any later moment shows its last state.
  record.moment = std::max(clock_.now(), engine_.last_commit_time().value_or(Timestamp{}));
  if (const auto kept = keep(std::move(record)); !kept) {
    log::error("the backup of a deleted table is not recorded until the next start",
               {{"table", table.schema.name}, {"error", kept.error().message}});
  }
}

// Another table of the name may have been deleted in this very millisecond.
void Backups::name_system_backup(const std::string& table_arn, BackupRecord* record) const {
  Timestamp id_time = record->created_at;
  const std::lock_guard lock(mutex_);
  do {
    record->id = jobs::job_id(id_time, kSystemIdSuffix);
    record->arn = table_arn + "/backup/" + record->id;
    id_time = id_time.plus_micros(1'000);
  } while (backups_.contains(place_of(record->arn)));
}

bool Backups::knows_hold(const std::string& hold) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(backups_, [&hold](const auto& backup) { return backup.second->hold == hold; });
}

Result<BackupPtr> Backups::create(const storage::Table& table, std::string name) {
  BackupRecord record;
  record.name = std::move(name);
  record.created_at = clock_.now().floor_millis();
  record.id = jobs::job_id(record.created_at, random_.hex(8));
  record.arn = table.schema.arn() + "/backup/" + record.id;
  record.schema = table.schema;
  record.table = table.id;
  record.hold = std::string(kHoldPrefix) + record.arn;
  ASSIGN_OR_RETURN(const storage::Hold held, engine_.holds().hold({.who = record.hold,
                                                                   .table = table.id,
                                                                   .history_from = storage::kFromNowOn,
                                                                   .log_from = {},
                                                                   .log_seconds = {},
                                                                   .only_moment = true}));
  record.moment = *held.history_from;
  auto kept = keep(std::move(record));
  if (!kept) {
    if (const auto released = engine_.holds().release(held.who); !released) {
      log::warn("what a backup kept stays until the next start", {{"error", released.error().message}});
    }
  }
  return kept;
}

Result<BackupPtr> Backups::keep(BackupRecord record) {
  const storage::TableStats stats = engine_.stats(record.table);
  record.size_bytes = stats.size_bytes;
  record.item_count = stats.item_count;
  RETURN_IF_ERROR(engine_.catalog().put_document(kDocumentKind, record.arn, record.to_json()));
  auto backup = std::make_shared<const BackupRecord>(std::move(record));
  const std::lock_guard lock(mutex_);
  backups_.insert_or_assign(place_of(backup->arn), backup);
  return backup;
}

BackupPtr Backups::find(std::string_view arn) const {
  const std::lock_guard lock(mutex_);
  const auto found = backups_.find(place_of(arn));
  if (found == backups_.end() || is_over(*found->second, clock_.now())) return nullptr;
  return found->second;
}

BackupPage Backups::list(std::string_view after, std::size_t records_max,
                         const std::function<bool(const BackupRecord&)>& filter) const {
  BackupPage page;
  const Timestamp now = clock_.now();
  const std::lock_guard lock(mutex_);
  auto at = after.empty() ? backups_.begin() : backups_.upper_bound(place_of(after));
  for (; at != backups_.end(); ++at) {
    const BackupPtr& backup = at->second;
    if (is_over(*backup, now) || !filter(*backup)) continue;
    page.has_more = page.records.size() == records_max;
    if (page.has_more) break;
    page.records.push_back(backup);
  }
  return page;
}

Result<BackupPtr> Backups::remove(std::string_view arn) {
  BackupPtr backup;
  {
    const std::lock_guard lock(mutex_);
    const auto found = backups_.find(place_of(arn));
    if (found == backups_.end()) return fail(Error::not_found("there is no backup " + std::string(arn)));
    backup = found->second;
    backups_.erase(found);  // of two who remove it, one finds it
  }
  if (auto forgotten = forget(*backup); !forgotten) {
    const std::lock_guard lock(mutex_);
    backups_.emplace(place_of(arn), backup);
    return fail(std::move(forgotten).error());
  }
  return backup;
}

// The hold first: of a system backup it alone would bring back the record.
Result<void> Backups::forget(const BackupRecord& record) {
  RETURN_IF_ERROR(engine_.holds().release(record.hold));
  RETURN_IF_ERROR(engine_.catalog().remove_document(kDocumentKind, record.arn));
  const std::lock_guard lock(mutex_);
  backups_.erase(place_of(record.arn));
  return {};
}

void Backups::remove_expired(Timestamp now) {
  std::vector<BackupPtr> expired;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [place, backup] : backups_) {
      if (is_over(*backup, now)) expired.push_back(backup);
    }
  }
  for (const BackupPtr& backup : expired) {
    if (restores_.is_restoring(backup->arn)) continue;
    const auto removed = remove(backup->arn);
    if (!removed && removed.error().code != ErrorCode::kNotFound) {
      log::warn("an old backup stays", {{"arn", backup->arn}, {"error", removed.error().message}});
    }
  }
}

}  // namespace tidemark::timetravel

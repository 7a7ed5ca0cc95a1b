#include "storage/history/history.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/checked_file.h"
#include "base/log.h"
#include "storage/history/manifest.h"
#include "storage/history/memory_run.h"
#include "storage/history/pinned_runs.h"
#include "storage/history/sealed_run.h"

namespace tidemark::storage {
namespace {

constexpr wal::SequenceNumber kLastSequence{std::numeric_limits<std::uint64_t>::max()};

Timestamp loss_of(const HistoryLosses& losses, TableId table) {
  const auto found = losses.find(table);
  return found == losses.end() ? Timestamp{} : found->second;
}

}  // namespace

History::History(HistoryOptions options, FileSystem& files)
    : options_(std::move(options)),
      files_(files),
      open_files_(std::make_shared<HistoryOpenFiles>()),
      sealed_runs_(std::make_shared<SealedRuns>()) {}

History::~History() = default;

Result<std::unique_ptr<History>> History::open(HistoryOptions options, FileSystem& files) {
  std::unique_ptr<History> history(new History(std::move(options), files));
  RETURN_IF_ERROR(files.create_directories(history->options_.directory));
  RETURN_IF_ERROR(history->load());
  RETURN_IF_ERROR(history->sweep());
  return history;
}

Result<void> History::load() {
  memory_runs_.push_back(std::make_shared<HistoryMemoryRun>());
  const std::string path = path_of(kHistoryManifestName);
  if (!files_.exists(path)) return {};
  ASSIGN_OR_RETURN(const std::string text, read_checked_file(files_, path));
  ASSIGN_OR_RETURN(const HistoryManifest manifest, history_manifest_from_json(text));
  SealedRuns runs;
  for (const HistoryRunInfo& info : manifest.runs) {
    if (!files_.exists(path_of(info.name))) {
      return fail(Error::corruption("the history run " + path_of(info.name) + " is missing"));
    }
    runs.push_back(std::make_shared<HistorySealedRun>(files_, open_files_, options_.directory, info));
  }
  next_file_ = manifest.next_file;
  sealed_through_ = manifest.sealed_through;
  losses_ = manifest.losses;
  sealed_runs_ = std::make_shared<SealedRuns>(std::move(runs));
  return {};
}

// Files of a seal or a merge that did not come to its end, and of runs whose last reader went with the
// process.
Result<void> History::sweep() {
  std::set<std::string> listed{kHistoryManifestName};
  for (const auto& run : *sealed_runs_) listed.insert(run->info().name);
  ASSIGN_OR_RETURN(const auto names, files_.list(options_.directory));
  for (const std::string& name : names) {
    if (!listed.contains(name)) RETURN_IF_ERROR(files_.remove(path_of(name)));
  }
  return {};
}

void History::record(const wal::RecordHead& head, const std::shared_ptr<const File>& segment,
                     std::uint64_t payload_bytes, std::span<const HistoryChange> changes) {
  if (changes.empty()) return;
  const std::lock_guard lock(mutex_);
  if (head.sequence <= sealed_through_) return;  // replayed
  const HistoryMemoryRun& newest = *memory_runs_.back();
  if (newest.size() >= options_.run_changes || newest.log_bytes() >= options_.run_log_bytes) {
    memory_runs_.push_back(std::make_shared<HistoryMemoryRun>());
  }
  memory_runs_.back()->append(head, segment, payload_bytes, changes);
}

wal::SequenceNumber History::sealed_through() const {
  const std::lock_guard lock(mutex_);
  const HistoryMemoryRun& oldest = *memory_runs_.front();
  return oldest.size() == 0 ? kLastSequence : wal::previous(oldest.first_sequence());
}

bool History::is_due(const HistoryMemoryRun& run, Timestamp now) const {
  return run.size() > 0 && (run.size() >= options_.run_changes || run.log_bytes() >= options_.run_log_bytes ||
                            now >= run.first_time().plus_seconds(options_.run_seconds));
}

bool History::seal_due(Timestamp now) const {
  const std::lock_guard lock(mutex_);
  return memory_runs_.size() > 1 || is_due(*memory_runs_.front(), now);
}

Result<void> History::seal(Timestamp now, wal::SequenceNumber synced_through) {
  const std::lock_guard maintenance(maintenance_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (is_due(*memory_runs_.back(), now)) memory_runs_.push_back(std::make_shared<HistoryMemoryRun>());
  }
  return seal_full_runs(synced_through);
}

Result<void> History::seal_all(wal::SequenceNumber synced_through) {
  const std::lock_guard maintenance(maintenance_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (memory_runs_.back()->size() > 0) memory_runs_.push_back(std::make_shared<HistoryMemoryRun>());
  }
  return seal_full_runs(synced_through);
}

// Those that are full now: writers that fill them as fast as they are sealed must not keep this from its end.
Result<void> History::seal_full_runs(wal::SequenceNumber synced_through) {
  std::vector<std::shared_ptr<HistoryMemoryRun>> full;
  {
    const std::lock_guard lock(mutex_);
    full.assign(memory_runs_.begin(), memory_runs_.end() - 1);
  }
  for (const auto& run : full) {
    if (run->last_sequence() > synced_through) break;
    // Only this thread removes runs, and a full run does not change.
    RETURN_IF_ERROR(seal_run(run));
  }
  return {};
}

// Without the mutex: a full run does not change, and commits go on meanwhile. The images are read from the
// log in the order of the keys, which is random; a run is small enough for the page cache.
Result<void> History::seal_run(const std::shared_ptr<HistoryMemoryRun>& run) {
  const HistoryMemoryRun::View view = HistoryMemoryRun::view(run);
  const SortedHistoryEntries entries = sorted_entries({&view, 1}, {});
  const auto cursor = memory_cursor(entries, {});
  ASSIGN_OR_RETURN(const auto writer, HistoryRunWriter::create(files_, options_.directory, next_file_name()));
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    ASSIGN_OR_RETURN(const std::string_view image, cursor->image());
    RETURN_IF_ERROR(writer->add(cursor->state_key(), cursor->time(), cursor->origin(), image));
  }
  ASSIGN_OR_RETURN(HistoryRunInfo info, writer->finish());
  log::debug("history run sealed", {{"file", info.name}, {"records", info.records}, {"bytes", info.bytes}});

  SealedRuns runs = *current_runs();
  runs.push_back(
      std::make_shared<HistorySealedRun>(files_, open_files_, options_.directory, std::move(info)));
  return publish(runs, losses(), run.get());
}

std::shared_ptr<const History::SealedRuns> History::current_runs() const {
  const std::lock_guard lock(mutex_);
  return sealed_runs_;
}

Result<void> History::publish(const SealedRuns& runs, HistoryLosses losses, const HistoryMemoryRun* sealed) {
  const auto old_runs = current_runs();
  HistoryManifest manifest{
      .next_file = next_file_, .sealed_through = sealed_through_, .runs = {}, .losses = std::move(losses)};
  if (sealed != nullptr) manifest.sealed_through = sealed->last_sequence();
  for (const auto& run : runs) manifest.runs.push_back(run->info());
  // The new files must not be lost while the manifest lists them.
  auto written = files_.sync_directory(options_.directory);
  if (written) written = replace_checked_file(files_, path_of(kHistoryManifestName), to_json(manifest), true);
  if (!written) {
    discard_missing_from(*old_runs, runs);
    return written;
  }

  {
    const std::lock_guard lock(mutex_);
    sealed_through_ = manifest.sealed_through;
    sealed_runs_ = std::make_shared<const SealedRuns>(runs);
    losses_ = std::move(manifest.losses);
    if (sealed != nullptr) {
      INVARIANT(memory_runs_.front().get() == sealed);
      memory_runs_.erase(memory_runs_.begin());
    }
  }
  discard_missing_from(runs, *old_runs);
  return {};
}

void History::discard_missing_from(const SealedRuns& kept, const SealedRuns& runs) {
  for (const auto& run : runs) {
    if (std::find(kept.begin(), kept.end(), run) == kept.end()) run->discard();
  }
}

std::string History::next_file_name() {
  std::string digits = std::to_string(next_file_++);
  digits.insert(0, 6 - std::min<std::size_t>(6, digits.size()), '0');
  return digits + ".sst";
}

std::shared_ptr<const HistoryPin> History::pin(TableId table) const {
  const std::lock_guard lock(mutex_);
  SealedRuns sealed;
  Timestamp exact_from;
  for (const auto& run : *sealed_runs_) {
    if (!run->may_hold(table)) continue;
    if (run->info().consolidated) {
      // The second of the last record may have lost later ones.
      exact_from = std::max(exact_from, run->info().last_time.plus_micros(-1).floor_second().plus_seconds(1));
    }
    sealed.push_back(run);
  }
  std::vector<HistoryMemoryRun::View> memory;
  for (const auto& run : memory_runs_) {
    if (run->size() > 0) memory.push_back(HistoryMemoryRun::view(run));
  }
  return std::make_shared<PinnedRuns>(std::move(sealed), std::move(memory), exact_from,
                                      loss_of(losses_, table));
}

Result<void> History::count_writes(TableId table, WriteCounts* counts) const {
  SealedRuns sealed;
  std::vector<HistoryMemoryRun::View> memory;
  {
    const std::lock_guard lock(mutex_);
    sealed = *sealed_runs_;
    for (const auto& run : memory_runs_) {
      if (run->size() > 0) memory.push_back(HistoryMemoryRun::view(run));
    }
  }
  const Timestamp end =
      counts->from.plus_seconds(counts->step_seconds * static_cast<std::int64_t>(counts->steps));
  for (const auto& run : sealed) {
    if (!run->may_hold(table) || run->info().last_time < counts->from || run->info().first_time >= end)
      continue;
    RETURN_IF_ERROR(run->count_writes(table, counts));
  }
  std::vector<const HistoryEntry*> entries;
  for (const auto& view : memory) {
    if (view.last_time() >= counts->from && view.first_time() < end) view.collect(id_range(table), &entries);
  }
  for (const HistoryEntry* entry : entries) counts->add(entry->origin, entry->time, 1);
  return {};
}

HistoryLosses History::losses() const {
  const std::lock_guard lock(mutex_);
  return losses_;
}

Timestamp History::lost_through(TableId table) const {
  const std::lock_guard lock(mutex_);
  return loss_of(losses_, table);
}

// A table that nobody needs now is left out: whoever needs it later needs it from then on only.
HistoryLosses History::losses_with(const HistoryNeeds& needs) const {
  const HistoryLosses before = losses();
  HistoryLosses after;
  for (const auto& [table, need] : needs) after[table] = std::max(need.from, loss_of(before, table));
  return after;
}

Result<void> History::drop_unneeded(const DecideHistory& decide) {
  const std::lock_guard maintenance(maintenance_mutex_);
  const auto old_runs = current_runs();
  const HistoryNeeds needs = decide();
  const auto is_run_needed = [&needs](const HistoryRunInfo& run) {
    if (!run.tables.empty()) {
      return std::any_of(run.tables.begin(), run.tables.end(), [&needs](const HistoryTableShare& share) {
        return is_needed(needs, share.table, share.last_time);
      });
    }
    const auto begin = needs.lower_bound(run.first_table);
    const auto end = needs.upper_bound(run.last_table);
    return std::any_of(begin, end, [&run](const auto& need) { return run.last_time > need.second.from; });
  };
  SealedRuns runs;
  for (const auto& run : *old_runs) {
    if (is_run_needed(run->info())) runs.push_back(run);
  }
  if (runs.size() == old_runs->size()) return {};
  log::debug("history runs dropped", {{"count", old_runs->size() - runs.size()}});
  return publish(runs, losses_with(needs), nullptr);
}

}  // namespace tidemark::storage

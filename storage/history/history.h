// History: what every change of a table replaced, for the tables whose past somebody may want to read (see
// keeps_history() in storage/table.h), grouped in runs.
//
// A change leaves an undo record: (state key, commit time) -> the complete stored value before it, empty when
// there was no item, and who made the change. The state of a key at time T is the image of its first undo
// record with a time above T, or the live item when there is none.
//
// The newest records are in memory and only point at their images in the change log. A full run is sealed:
// sorted by (state key, time), its images copied from the log, written as one SST file. Older sealed runs are
// thinned out and merged by day, younger ones merged when they are many and small. State keys begin with the
// table id (4 bytes, big endian), so that a range of a table is contiguous in every run.
//
// What nobody needs goes: whole runs by unlinking them, single records when runs are consolidated. Up to
// which moment records of a table may have gone is kept, and a pin tells: the state at an earlier moment
// would lack changes without looking as if it did.
//
// ON DISK: `<number, 6 digits>.sst` as described in sealed_run.h, and `MANIFEST` (manifest.h), which is
// replaced at once and lists them; files that it does not list are removed at open.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "storage/activity.h"
#include "storage/history/need.h"
#include "storage/history/pin.h"
#include "storage/table.h"
#include "wal/record.h"

namespace tidemark::storage {

class HistoryMemoryRun;
class HistoryOpenFiles;
class HistorySealedRun;
struct HistoryMergeStep;

struct HistoryOptions {
  std::string directory;  // created when missing
  // When the newest run is full: see EngineOptions.
  std::uint64_t run_log_bytes = 64ULL << 20;
  std::uint64_t run_changes = 200'000;
  std::int64_t run_seconds = 3'600;
  // Runs are merged in steps that read so much of them, or a few bytes more.
  std::uint64_t merge_bytes_max = 512ULL << 20;
  // Merged are so many neighbours, or more, that each have this size at most.
  std::size_t small_runs_min = 16;
  std::uint64_t small_run_bytes_max = 8ULL << 20;
};

// One write with history of a log record.
struct HistoryChange {
  std::string_view state_key;
  std::uint64_t image_offset = 0;  // of the old stored value in the log segment
  std::uint32_t image_size = 0;    // 0: there was no item
  std::uint32_t image_sum = 0;     // CRC-32C of it
  bool is_replicated = false;      // another replica of the table made it, not the record's origin
};

// Thread-safety: all methods may be called concurrently, but record() by one thread at a time.
class History {
 public:
  // Reads the manifest and sweeps what it does not list. `files` must outlive the history and its pins.
  // Errors: kCorruption when the manifest is unreadable or a run is missing; kIo.
  static Result<std::unique_ptr<History>> open(HistoryOptions options, FileSystem& files);
  ~History();

  // Takes the changes of one log record that was appended to `segment`; the same call at replay, where
  // records that are sealed already are ignored. Records come in order of sequence, with ascending commit
  // times. Never blocks on the disk, never fails. `payload_bytes`: of the whole log record.
  //
  // Call it before the commit is published, and not between the two halves of a pinned snapshot: pin() and
  // the RocksDB snapshot are taken together under the committer's gate.
  void record(const wal::RecordHead& head, const std::shared_ptr<const File>& segment,
              std::uint64_t payload_bytes, std::span<const HistoryChange> changes);

  // Every record of the log at or below this number is of no more use to the history: it is sealed, or had no
  // changes. The greatest number there is when nothing is unsealed. A restart must replay from the number as
  // it was at the last checkpoint, which a history that was just opened does not know.
  [[nodiscard]] wal::SequenceNumber sealed_through() const;

  // True when a run is full, or old enough, to be sealed.
  [[nodiscard]] bool seal_due(Timestamp now) const;
  // Seals every run that is due when it is called and whose records are all at or below `synced_through`, the
  // last sequence that is safe on disk: a sealed run must never be ahead of the log. Reads and writes tens of
  // MB for each.
  // Errors: kIo, kNoSpace, kCorruption: nothing is lost, the next call tries again.
  Result<void> seal(Timestamp now, wal::SequenceNumber synced_through);
  // The same for everything recorded so far, due or not.
  Result<void> seal_all(wal::SequenceNumber synced_through);

  // Undo records of the table with a time at or before this one may be gone: earlier moments cannot be read.
  [[nodiscard]] Timestamp lost_through(TableId table) const;

  // All runs as they are now, for reading one table. Takes a few microseconds; call it under the committer's
  // gate. Must not outlive the history.
  [[nodiscard]] std::shared_ptr<const HistoryPin> pin(TableId table) const;

  // Merges the sealed runs of each UTC day that ended at `exact_from` or earlier. Of the records of a key
  // within one second, (s, s+1], the first is kept, and the first behind each exact moment inside it: whole
  // seconds and these moments stay exact. Where nothing but exact moments is needed, only the first behind
  // each of them is. The last one stays, too, where it alone tells when the key was deleted, or by whom it
  // was written last. Of younger days it merges small runs, and they stay exact. Records that are not needed
  // are dropped; `decide` is asked before every step. A day with much history is merged in several steps into
  // several runs; each step is kept. Everything else goes on meanwhile. Errors: kIo, kNoSpace, kCorruption,
  // kUnavailable when stopped: nothing is lost, the next call goes on.
  Result<void> consolidate(Timestamp exact_from, const DecideHistory& decide,
                           const std::stop_token& stop = {});

  // Drops the sealed runs without a record that is needed. Their files go when the last pin lets go. Errors:
  // kIo.
  Result<void> drop_unneeded(const DecideHistory& decide);

  // Writes the sealed runs anew of which a good part belongs to tables none of whose records there is needed,
  // or to tables of which no more than exact moments are needed since the run was thinned out, and leaves out
  // what nobody needs. Sealing goes on meanwhile. Errors: as consolidate().
  Result<void> rewrite_unneeded(const DecideHistory& decide, const std::stop_token& stop);

  // See storage/activity.h. Errors: kIo, kCorruption.
  Result<void> count_writes(TableId table, WriteCounts* counts) const;

  // About what the records of each table take in sealed runs, on disk.
  [[nodiscard]] std::map<TableId, std::uint64_t> size_bytes() const;

 private:
  using SealedRuns = std::vector<std::shared_ptr<HistorySealedRun>>;

  History(HistoryOptions options, FileSystem& files);
  Result<void> load();
  Result<void> sweep();
  [[nodiscard]] bool is_due(const HistoryMemoryRun& run, Timestamp now) const;
  // These need the maintenance mutex.
  Result<void> seal_full_runs(wal::SequenceNumber synced_through);
  Result<void> seal_run(const std::shared_ptr<HistoryMemoryRun>& run);
  // One run less, another or nothing in its place: unless it was replaced meanwhile.
  Result<void> replace_run(const std::shared_ptr<HistorySealedRun>& run,
                           const std::shared_ptr<HistorySealedRun>& rewritten, const DecideHistory& decide);
  [[nodiscard]] HistoryLosses losses() const;
  // Up to which moment each table of `needs` has lost records once only they are kept.
  [[nodiscard]] HistoryLosses losses_with(const HistoryNeeds& needs) const;
  // Writes the manifest for `runs`, then shows them to new pins, in place of the memory run `sealed` when
  // that is given. The files of runs that are in no list any more are removed when their last pin lets go.
  Result<void> publish(const SealedRuns& runs, HistoryLosses losses, const HistoryMemoryRun* sealed);
  // These need merge_mutex_, and not the maintenance mutex.
  // The next step there is to do; none without inputs.
  [[nodiscard]] HistoryMergeStep next_step(Timestamp exact_from) const;
  Result<void> merge(const HistoryMergeStep& step, const HistoryNeeds& needs, const std::stop_token& stop);
  // What its inputs are replaced by: nothing, one run, or several with disjoint keys.
  Result<SealedRuns> merge_runs(const HistoryMergeStep& step, const HistoryNeeds& needs,
                                const std::stop_token& stop);
  static void discard_missing_from(const SealedRuns& kept, const SealedRuns& runs);
  std::string next_file_name();

  [[nodiscard]] std::shared_ptr<const SealedRuns> current_runs() const;
  [[nodiscard]] std::string path_of(const std::string& name) const { return options_.directory + '/' + name; }

  const HistoryOptions options_;
  FileSystem& files_;
  const std::shared_ptr<HistoryOpenFiles> open_files_;
  std::mutex merge_mutex_;  // held while runs are merged or written anew; before maintenance_mutex_
  // Held during seal, drop_unneeded and the end of a merge: the list of sealed runs changes under it alone.
  // Before mutex_.
  std::mutex maintenance_mutex_;
  std::atomic<std::uint64_t> next_file_ = 1;

  mutable std::mutex mutex_;
  // Oldest first; the last one is being filled, the others are full.
  std::vector<std::shared_ptr<HistoryMemoryRun>> memory_runs_;  // guarded by mutex_
  std::shared_ptr<const SealedRuns> sealed_runs_;               // guarded by mutex_
  HistoryLosses losses_;                                        // guarded by mutex_
  wal::SequenceNumber sealed_through_{};                        // of the manifest; guarded by mutex_
};

}  // namespace tidemark::storage

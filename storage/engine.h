// The engine: live state and indexes in RocksDB, derived from the change log; history for time travel.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "base/schedule.h"
#include "model/key.h"
#include "storage/catalog.h"
#include "storage/changes.h"
#include "storage/holds.h"
#include "storage/item_history.h"
#include "storage/query.h"
#include "storage/read_view.h"
#include "storage/receipts.h"
#include "storage/snapshot.h"
#include "storage/streams.h"
#include "storage/table.h"
#include "storage/table_states.h"
#include "storage/transaction.h"
#include "wal/live_log.h"
#include "wal/record.h"

namespace tidemark::storage {

class BulkLoader;  // storage/bulk_loader.h, as the next two
struct BulkLoadOptions;
struct ResumedLoad;

struct EngineOptions {
  std::string directory;  // created when missing; holds wal/, state/, history/ and CHECKPOINT
  // False: an acknowledged write survives the end of the process. True: also a power loss (group commit).
  bool sync_writes = false;
  std::uint64_t block_cache_bytes = 64ULL << 20;
  std::uint64_t write_buffer_bytes = 32ULL << 20;
  int state_files_max = 2'048;  // of the state, open at a time
  // A history segment is sealed at this size of log, this many changes or this age, whichever comes first.
  std::uint64_t history_segment_bytes = 64ULL << 20;
  std::uint64_t history_segment_changes = 200'000;
  std::int64_t history_segment_seconds = 3'600;
  // History younger than this is exact to the microsecond; older runs are merged into daily ones and keep one
  // record per key and second.
  std::int64_t exact_history_seconds = 24 * 3'600;
  // A checkpoint bounds the log that a restart has to replay.
  std::uint64_t checkpoint_log_bytes = 24ULL << 20;
  // How long tables and indexes stay in their passing states.
  TransitionTimes transition_times = {};
  // How long after its time an item is deleted, at the earliest.
  std::chrono::microseconds ttl_lag = std::chrono::seconds(2);
  // How long after a write the replicas in other regions show it, where they are eventually consistent
  // (commit/late_copies.h).
  std::chrono::microseconds replica_lag{};
  // Tests set this to false: closing then leaves what the end of the process would leave.
  bool checkpoint_at_close = true;
};

// What the disk has room for. Reads go on in any case.
enum class Room : std::uint8_t {
  kEnough,
  kForDeletes,  // what adds data is refused: what is in memory must still find its place on disk
  kNone,        // the disk was full when data was moved to it: every write is refused
};

// How far back a table can be read.
enum class Reach : std::uint8_t {
  kWindow,  // as far as point-in-time recovery goes
  kHeld,    // also where a hold keeps the history, be the table deleted or not
};

// Thread-safety: all methods may be called concurrently. Transactions, cursors, snapshots and loaders must be
// gone before the engine is.
class Engine {
 public:
  // Recovers what the log holds beyond RocksDB. Sealing, checkpoints, consolidation and retention are put on
  // `schedule`, as are the ends of passing states; where it has no thread, they happen with its run_due(),
  // and all but the last with maintain(). `files`, `clock` and `schedule` must outlive the engine. Errors:
  // kCorruption, naming file and offset; kIo; kUnavailable when the directory is in use.
  static Result<std::unique_ptr<Engine>> open(const EngineOptions& options, FileSystem& files, Clock& clock,
                                              Schedule& schedule);
  // Seals the history and writes a checkpoint, so that the next open replays nothing. Takes a second at most
  // for what was written since these were done last, however much there is in all.
  virtual ~Engine() = default;

  virtual Catalog& catalog() = 0;
  virtual Holds& holds() = 0;
  virtual TableStates& table_states() = 0;
  virtual Streams& streams() = 0;

  // Strongly consistent: sees every commit acknowledged before the call; of a replica, what its region shows
  // of it (EngineOptions::replica_lag), as read() and view() do.
  virtual Result<std::optional<StoredItem>> get(const Table& table, const model::Key& key) = 0;
  virtual std::unique_ptr<Cursor> read(const Target& target, const KeyRange& range,
                                       const ReadOptions& options) = 0;
  // The same for many reads, of one moment.
  virtual std::unique_ptr<ReadView> view() = 0;
  // The same as it was at `time`, of these tables alone: at any microsecond of the exact history, before it
  // at the start of its second, as far back as recovery goes or a hold keeps the history. Errors:
  // kInvalidArgument, with a sentence for the client, when `time` is out of reach; kNotFound.
  virtual Result<std::unique_ptr<ReadView>> view_at(const std::vector<TableId>& tables, Timestamp time) = 0;
  // `origin` is told to the readers of the change log.
  virtual std::unique_ptr<Transaction> begin(wal::Origin origin) = 0;
  std::unique_ptr<Transaction> begin() { return begin(wal::Origin::kClient); }
  // The items that somebody is writing at this moment, by position, and who.
  virtual std::vector<LockConflict> held_items(const std::vector<ItemRef>& items) = 0;
  virtual Receipts& receipts() = 0;

  // The counters of a table, or of one of its indexes by its id.
  [[nodiscard]] virtual TableStats stats(TableId id) const = 0;

  // About what a table, without its indexes, or an index takes on disk and in memory.
  [[nodiscard]] virtual std::uint64_t state_bytes(const Target& target) const = 0;
  // About what the sealed history takes on disk, by table; tables that are gone may be among them.
  [[nodiscard]] virtual std::map<TableId, std::uint64_t> history_bytes() const = 0;
  // Tables and indexes that are gone, but whose space was not given back yet.
  [[nodiscard]] virtual std::vector<TableId> dropped() const = 0;

  // Never waits.
  [[nodiscard]] virtual Room room() const = 0;

  // Every later commit gets a later time. Nothing before the first one.
  [[nodiscard]] virtual std::optional<Timestamp> last_commit_time() = 0;

  // The table as it is now, exactly: every commit acknowledged before the call is in. The snapshot's time is
  // a whole millisecond, and every later commit gets a later time. Errors: kNotFound.
  virtual Result<std::unique_ptr<TableSnapshot>> snapshot(TableId id) = 0;

  // The table as it stood at `time`: at any microsecond of the exact history, before it at the start of its
  // second, or at a moment in between that somebody holds. Errors: kInvalidArgument when `time` is out of
  // reach, in the future, or when history that it needs was dropped; kNotFound.
  virtual Result<std::unique_ptr<TableSnapshot>> snapshot_at(TableId id, Timestamp time, Reach reach) = 0;
  Result<std::unique_ptr<TableSnapshot>> snapshot_at(TableId id, Timestamp time) {
    return snapshot_at(id, time, Reach::kWindow);
  }

  // What was committed behind `from`, up to and at `to`: what distinguishes their snapshots. Both moments are
  // those that snapshot_at() would show. Errors: kInvalidArgument when `from` is behind `to`, or as
  // snapshot_at() has it for either; kNotFound.
  virtual Result<std::unique_ptr<TableChanges>> changes(TableId id, Timestamp from, Timestamp to,
                                                        Reach reach) = 0;
  Result<std::unique_ptr<TableChanges>> changes(TableId id, Timestamp from, Timestamp to) {
    return changes(id, from, to, Reach::kWindow);
  }

  // From where on the table can be read, as far as holds keep its history too. Errors: kInvalidArgument when
  // there is no history; kNotFound.
  virtual Result<Timestamp> readable_from(TableId id) = 0;

  // The versions of an item from the beginning of the readable history on, the one that was there then
  // included. Errors: as readable_from().
  virtual Result<std::unique_ptr<ItemHistory>> item_history(TableId id, const model::Key& key) = 0;

  // Whether the item was written or deleted behind `time`, from which on the history must be held. Errors:
  // kIo, kCorruption.
  virtual Result<bool> changed_since(TableId id, const model::Key& key, Timestamp time) = 0;

  // For a table that is CREATING and has never been written to. Errors: kNotFound.
  virtual Result<std::unique_ptr<BulkLoader>> bulk_loader(TableId id, const BulkLoadOptions& options) = 0;
  // The load with a plan that an earlier process began for the table, `options` as it has them now. Nothing
  // when it made no checkpoint, or what it left is damaged and was removed. Errors: kNotFound, kIo.
  virtual Result<std::optional<ResumedLoad>> resume_load(TableId id, const BulkLoadOptions& options) = 0;
  // Removes what an earlier process left of a load that nobody will resume. Errors: kIo.
  virtual Result<void> discard_load(TableId id) = 0;

  // The change log, for readers: see wal/tail.h.
  virtual wal::LiveLog& change_log() = 0;

  // Does now whatever sealing, consolidation, retention and checkpointing is due by the clock.
  virtual Result<void> maintain() = 0;
};

}  // namespace tidemark::storage

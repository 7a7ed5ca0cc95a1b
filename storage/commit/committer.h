// Turns prepared writes into commits: one log append, one RocksDB batch, counters, history.
//
// Group commit by leader: whoever finds no leader takes everything that is queued and commits it with one log
// write (and one sync, when commits are synced); the others sleep until it is done. So the usual uncontended
// write costs no context switch. Where commits are synced there are also those that no thread waits for: a
// thread of the committer leads when one of them is first in the queue.
//
// Nothing is visible before it is in the log (synced, when the options say so). After a failed log append
// nothing was applied. When RocksDB refuses what the log already holds, the process ends: the next start
// replays it.
#pragma once

#include <rocksdb/write_batch.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/move_only_function.h"
#include "base/result.h"
#include "storage/commit/expiry_watch.h"
#include "storage/commit/replica_groups.h"
#include "storage/history/history.h"
#include "storage/store/rocks.h"
#include "storage/table.h"
#include "wal/live_log.h"
#include "wal/record.h"
#include "wal/writer.h"

namespace tidemark::storage {

// One key-value write. Values of puts to kState and kIndex are stored values (item_codec.h): the leader fills
// in their write time.
struct OwnedWrite {
  wal::WriteKind kind = wal::WriteKind::kPut;
  wal::Space space = wal::Space::kState;
  std::string key;
  std::string value;
  std::optional<std::uint32_t> old_size;  // counted size of the entry that is there
  // kState: the stored value that is there, empty when there is none. Needed when the table keeps history.
  std::optional<std::string> old_value;
  // kState puts and deletes: the table by whose indexes the writes of this commit were prepared. Else null,
  // unless the write is of use to that table alone.
  const Table* table = nullptr;
  std::optional<std::int64_t> expires_at;  // kIndex: a put into an expiry index (expiry_index.h)
  bool is_replicated = false;  // kState: what the commit does to another replica's copy of an item
};

// A commit on its way. The caller keeps it, and the tables it names, alive until commit() returned.
struct Commit {
  std::vector<OwnedWrite> writes;
  wal::Origin origin = wal::Origin::kClient;
  // As of when it is known which replicas the items have. Needed when a table of the kState puts and deletes
  // is a replica.
  std::optional<ReplicaGroups::Epoch> replica_epoch;
  // Called by the leader once the commit is applied and before anybody is told, under the commit lock.
  std::function<void(Timestamp)> applied;
  // Whether that changes by what later commits are judged: none is in the same group then.
  bool changes_tables = true;
};

using Counters = std::unordered_map<std::uint32_t, TableStats>;  // by table or index id

// The last commit, as seen under the commit lock.
struct CommitPoint {
  wal::SequenceNumber sequence{};
  Timestamp time;
};

struct CommitterParts {
  RocksStore* store = nullptr;
  History* history = nullptr;
  wal::Writer* log = nullptr;
  wal::LiveLog* readers = nullptr;  // told of every commit once it is acknowledged
  ExpiryWatch* expiries = nullptr;  // told of entries of expiry indexes
  Clock* clock = nullptr;
  bool sync_writes = false;
};

// Thread-safety: all methods may be called concurrently.
class Committer {
 public:
  // `last`: where the log ends. `counters`: as of then. All parts must outlive the committer.
  Committer(const CommitterParts& parts, CommitPoint last, Counters counters);

  // Returns the commit time. Errors: kNotFound when a table of the writes was dropped; kConflict when a
  // table's indexes, history or replicas changed since the writes were prepared: prepare them again by
  // current_table() and replica_groups(), with old values; kIo, kNoSpace. Nothing was applied then.
  Result<Timestamp> commit(Commit* commit);

  // The same without waiting: `done` is called once, on another thread or on this one, and must be quick. The
  // commit must stay until then. Only with sync_writes; no such commit may be left when the committer ends.
  using Done = MoveOnlyFunction<void(Result<Timestamp>)>;
  void submit(Commit* commit, Done done);

  // Runs `gate` under the commit lock, between two groups. It may move `*last.time` forward.
  void with_gate(const std::function<void(CommitPoint* last)>& gate);
  // The same, with the time moved to a whole millisecond that is not before the last commit, the clock, or
  // `at_least`: every commit so far is at or below it, every later one above. `pin` runs under the lock.
  Timestamp with_time_boundary(Timestamp at_least, const std::function<void()>& pin);

  // Runs `look` while nothing is being applied, with the time of the last commit that is: what it reads has
  // all commits up to that one, and what Commit::applied did of them, and no other. Waits for a group that is
  // being applied, not for one on its way to the disk. Only after guard_looks().
  void with_applied(const std::function<void(Timestamp)>& look) const;
  // Call it before the first commit when with_applied() is to be used.
  void guard_looks() { are_looks_guarded_ = true; }

  // The tables that may be written to. A commit with writes to others, to other indexes than those of the
  // current table, or without old values that it keeps, is refused. Call both under the commit lock
  // (Commit::applied, with_gate()) or before any commit.
  void set_table(TablePtr table);
  void forget_table(TableId id);
  // Called by set_table() with the table. Must be quick. Set it before the first commit.
  void on_table(std::function<void(const Table&)> hook) { table_hook_ = std::move(hook); }
  // Null when there is none.
  [[nodiscard]] TablePtr current_table(TableId id) const;

  // Never waits for a commit.
  [[nodiscard]] const ReplicaGroups& replica_groups() const { return replica_groups_; }
  // Never waits for a commit.
  [[nodiscard]] TableStats stats(TableId id) const;
  // Every commit up to this time is applied; those to come get later ones. Never waits.
  [[nodiscard]] Timestamp applied_through() const {
    return {applied_micros_.load(std::memory_order_acquire)};
  }
  // Call it inside with_gate().
  [[nodiscard]] const Counters& counters() const { return counters_; }
  // Log bytes since the start of the committer.
  [[nodiscard]] std::uint64_t log_bytes() const { return log_bytes_.load(std::memory_order_relaxed); }

  // Asked, under the commit lock, before a commit that adds data to tables, and before every commit while the
  // disk is full. Must be quick. Set it before the first commit.
  void ask_for_room(std::function<bool()> has_room) { has_room_ = std::move(has_room); }

  // While it is set, commits may wait for the disk. Counts, so that several may set and reset it.
  void expect_delay(bool is_expected) { delays_.fetch_add(is_expected ? 1 : -1); }
  // Whether a commit now may wait for the disk: who must not wait makes none.
  [[nodiscard]] bool may_delay() const {
    return delays_.load(std::memory_order_relaxed) > 0 || store_.slows_writes();
  }

  // Called by the leader, after every group. Must be quick. Set it before the first commit.
  void on_group(std::function<void()> hook) { group_hook_ = std::move(hook); }

 private:
  struct Waiter;

  // Commits a group: the calling thread is the leader, of its own commit or for nobody (null).
  void lead_group(const Waiter* own);
  void lead_for_nobody(const std::stop_token& stop);
  void take_group(std::vector<Waiter*>* group);
  void hand_over(const std::vector<Waiter*>& group, const Waiter* own);
  // The rest needs the commit lock.
  void lead(std::vector<Waiter*>* group);
  [[nodiscard]] Result<void> admit(const Commit& commit) const;
  [[nodiscard]] Result<void> check_replicas(const Commit& commit) const;
  void encode(Waiter* waiter);
  void add_stream_marks(Waiter* waiter);
  Result<void> write_log(std::uint64_t* offset);
  void apply(std::uint64_t first_payload_offset);
  // Writes the batch, however long it takes until there is space.
  void write_batch();
  // Fails what is queued, and from now on what comes, until waits_for_space_ is reset.
  void refuse_queue();
  void count(const Commit& commit);
  void add_to_batch(const OwnedWrite& write);
  void note_expiries(const Commit& commit);
  void collect_changes();
  void record_history(const Waiter& waiter, std::uint64_t payload_offset, std::uint64_t payload_bytes);
  void index_streams(const Waiter& waiter, std::uint64_t payload_offset, std::uint64_t payload_bytes);
  void flush_overwrites();
  void shrink_buffers();

  RocksStore& store_;
  History& history_;
  wal::Writer& log_;
  wal::LiveLog& readers_;
  ExpiryWatch& expiries_;
  Clock& clock_;
  const bool sync_writes_;
  std::function<void()> group_hook_;
  std::function<void(const Table&)> table_hook_;
  std::function<bool()> has_room_;

  std::mutex queue_mutex_;
  std::vector<Waiter*> queue_;  // guarded by queue_mutex_, as are the next three
  bool has_leader_ = false;
  bool is_thread_due_ = false;  // the leader is thread_, whether it knows it already or not
  bool waits_for_space_ = false;
  std::condition_variable_any thread_due_;

  mutable std::mutex commit_mutex_;    // the commit lock; before queue_mutex_
  CommitPoint last_;                   // guarded by commit_mutex_, as is all below
  mutable std::mutex counters_mutex_;  // after commit_mutex_; changing the counters needs both, reading one
  Counters counters_;
  std::unordered_map<std::uint32_t, TablePtr> live_tables_;
  ReplicaGroups replica_groups_;  // changed under the commit lock, read without it
  std::uint64_t overwrites_ = 0;  // of state keys since they were last looked at
  // Reused buffers of the group that is being committed.
  std::vector<Waiter*> admitted_;
  std::size_t payload_count_ = 0;
  std::vector<std::string> payloads_;
  std::vector<wal::WriteView> views_;
  std::vector<HistoryChange> changes_;
  std::vector<KeyChange> key_changes_;
  rocksdb::WriteBatch batch_;

  bool are_looks_guarded_ = false;
  mutable std::shared_mutex applying_mutex_;  // held alone while a group is applied, if looks are guarded

  std::atomic<std::uint64_t> log_bytes_ = 0;
  std::atomic<std::int64_t> applied_micros_;
  std::atomic<int> delays_ = 0;
  std::jthread thread_;  // with sync_writes; last: uses what is above
};

// The write as the log and the counters take it; points into `write`.
wal::WriteView view_of(const OwnedWrite& write);
// Adds what a write did to the counters: used by the leader and by recovery, so that both agree.
void count_write(const wal::WriteView& write, Counters* counters);
// The write that adds `difference` to the counters of a table or index (bulk loads).
OwnedWrite adjust_counters(TableId id, const TableStats& difference);

}  // namespace tidemark::storage

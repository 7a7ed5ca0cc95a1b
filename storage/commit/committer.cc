#include "storage/commit/committer.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/release_memory.h"
#include "base/thread_name.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"
#include "storage/store/stream_index.h"

namespace tidemark::storage {
namespace {

// A memtable with this many entries, most of them dead versions of the same keys, makes queries slow long
// before it is full.
constexpr std::uint64_t kOverwritesMax = 50'000;
// Looking whether a table is empty happens under the commit lock: it must not step over a million deleted
// keys.
constexpr std::uint64_t kSkippedKeysMax = 1'000;
// A burst of large transactions should not keep its memory for ever.
constexpr std::size_t kBufferBytesKept = 4U << 20;
// How often a commit that the log has already is tried again.
constexpr std::chrono::milliseconds kSpaceInterval{100};

Error data_cannot_move() { return Error::no_space("the disk was full when data was last moved to it"); }

bool is_stored_put(const OwnedWrite& write) {
  return write.kind == wal::WriteKind::kPut && write.space != wal::Space::kCatalog;
}

bool adds_data(const Commit& commit) {
  return std::any_of(commit.writes.begin(), commit.writes.end(), is_stored_put);
}

bool have_same_indexes(const Table& a, const Table& b) {
  if (expiry_index(a) != expiry_index(b)) return false;
  return std::equal(a.schema.indexes.begin(), a.schema.indexes.end(), b.schema.indexes.begin(),
                    b.schema.indexes.end(), [](const auto& x, const auto& y) { return x.id == y.id; });
}

bool writes_item(const OwnedWrite& write) {
  return write.table != nullptr && write.space == wal::Space::kState &&
         write.kind != wal::WriteKind::kAdjustCounters;
}

// Whether readers of a stream are told: not when the item is as it was.
bool changes_item(const OwnedWrite& write) {
  if (write.kind == wal::WriteKind::kDelete) return !write.old_value->empty();
  if (write.kind != wal::WriteKind::kPut) return false;
  if (write.old_value->empty()) return true;
  const auto old_item = parse_stored(*write.old_value);
  const auto new_item = parse_stored(write.value);
  INVARIANT(old_item && new_item);
  return old_item->text != new_item->text;
}

// What the log says of a write that is in a stream.
struct LoggedMark {
  StreamMark mark;
  std::string key;
  std::string value;
};

}  // namespace

// A commit in the queue: on the stack of its thread, or on the heap with whom to tell.
struct Committer::Waiter {
  enum class State { kWaiting, kLeader, kDone };

  explicit Waiter(Commit* prepared, Done to_be_told = {}) : commit(prepared), done(std::move(to_be_told)) {}

  [[nodiscard]] bool has_thread() const { return !done; }

  // Blocks until there is something to do or nothing left to do.
  State wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return state != State::kWaiting; });
    return state;
  }
  // The waiter may be gone when this returns.
  void wake(State new_state) {
    const std::lock_guard lock(mutex);
    state = new_state;
    changed.notify_one();
  }
  // The same for both kinds.
  void finish() {
    if (has_thread()) return wake(State::kDone);
    const std::unique_ptr<Waiter> own(this);
    done(std::move(result));
  }

  Commit* commit;
  Done done;
  Result<Timestamp> result = Timestamp{};
  wal::SequenceNumber sequence{};
  std::size_t payload = 0;                     // its position in payloads_
  std::vector<std::uint32_t> history_offsets;  // empty without history
  std::vector<LoggedMark> stream_marks;

  std::mutex mutex;
  std::condition_variable changed;
  State state = State::kWaiting;  // guarded by mutex
};

wal::WriteView view_of(const OwnedWrite& write) {
  wal::WriteView view;
  view.kind = write.kind;
  view.space = write.space;
  view.key = write.key;
  view.value = write.value;
  view.old_size = write.old_size;
  view.is_replicated = write.is_replicated;
  return view;
}

void count_write(const wal::WriteView& write, Counters* counters) {
  if (write.space == wal::Space::kCatalog || write.space == wal::Space::kStream) return;
  const std::uint32_t id = read_u32_be(write.key.data());
  switch (write.kind) {
    case wal::WriteKind::kPut: {
      const auto stored = parse_stored(write.value);
      INVARIANT(stored.has_value());
      TableStats& stats = (*counters)[id];
      stats.item_count += write.old_size ? 0 : 1;
      stats.size_bytes += static_cast<std::int64_t>(stored->size_bytes) - write.old_size.value_or(0);
      break;
    }
    case wal::WriteKind::kDelete: {
      if (!write.old_size) break;
      TableStats& stats = (*counters)[id];
      stats.item_count -= 1;
      stats.size_bytes -= *write.old_size;
      break;
    }
    case wal::WriteKind::kDeleteRange:
      counters->erase(id);
      break;
    case wal::WriteKind::kAdjustCounters: {
      INVARIANT(write.value.size() == 16);
      TableStats& stats = (*counters)[id];
      stats.item_count += static_cast<std::int64_t>(read_u64_le(write.value.data()));
      stats.size_bytes += static_cast<std::int64_t>(read_u64_le(write.value.data() + 8));
      break;
    }
  }
}

OwnedWrite adjust_counters(TableId id, const TableStats& difference) {
  OwnedWrite write;
  write.kind = wal::WriteKind::kAdjustCounters;
  append_u32_be(&write.key, number(id));
  append_u64_le(&write.value, static_cast<std::uint64_t>(difference.item_count));
  append_u64_le(&write.value, static_cast<std::uint64_t>(difference.size_bytes));
  return write;
}

Committer::Committer(const CommitterParts& parts, CommitPoint last, Counters counters)
    : store_(*parts.store),
      history_(*parts.history),
      log_(*parts.log),
      readers_(*parts.readers),
      expiries_(*parts.expiries),
      clock_(*parts.clock),
      sync_writes_(parts.sync_writes),
      last_(last),
      counters_(std::move(counters)),
      applied_micros_(last.time.micros) {
  if (sync_writes_) thread_ = std::jthread([this](const std::stop_token& stop) { lead_for_nobody(stop); });
}

Result<Timestamp> Committer::commit(Commit* commit) {
  Waiter own(commit);
  // There is a leader as long as somebody is queued, so whoever finds none must lead, and nobody waits for a
  // leader that does not come: the one that ends appoints the first of those who queued up meanwhile.
  bool leads = false;
  {
    const std::lock_guard lock(queue_mutex_);
    if (waits_for_space_) return fail(data_cannot_move());
    queue_.push_back(&own);
    leads = !std::exchange(has_leader_, true);
  }
  if (!leads && own.wait() == Waiter::State::kDone) return std::move(own.result);

  lead_group(&own);
  return std::move(own.result);
}

void Committer::submit(Commit* commit, Done done) {
  INVARIANT(sync_writes_);
  auto waiter = std::make_unique<Waiter>(commit, std::move(done));
  std::unique_lock lock(queue_mutex_);
  if (waits_for_space_) {
    lock.unlock();
    waiter->result = fail(data_cannot_move());
    return waiter.release()->finish();
  }
  queue_.push_back(waiter.get());
  static_cast<void>(waiter.release());  // it is finish() that deletes it
  if (std::exchange(has_leader_, true)) return;
  is_thread_due_ = true;
  thread_due_.notify_one();
}

void Committer::lead_for_nobody(const std::stop_token& stop) {
  name_thread("commit");
  std::unique_lock lock(queue_mutex_);
  while (thread_due_.wait(lock, stop, [this] { return is_thread_due_; })) {
    lock.unlock();
    lead_group(nullptr);
    lock.lock();
  }
}

void Committer::lead_group(const Waiter* own) {
  // While this thread waits for the commit lock, more commits queue up: the slower the disk, the larger the
  // groups.
  std::vector<Waiter*> group;
  {
    const std::lock_guard lock(commit_mutex_);
    take_group(&group);
    lead(&group);
  }
  hand_over(group, own);
  if (group_hook_) group_hook_();
}

// Takes what is queued, up to the first commit that changes the catalog: what follows must be judged by it.
void Committer::take_group(std::vector<Waiter*>* group) {
  const std::lock_guard lock(queue_mutex_);
  auto end = std::find_if(queue_.begin(), queue_.end(), [](const Waiter* waiter) {
    return waiter->commit->applied && waiter->commit->changes_tables;
  });
  if (end != queue_.end()) ++end;
  group->assign(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
}

// Makes the first of those who came meanwhile the next leader, and tells the group: in this order, so that
// the disk is not idle while answers are written.
void Committer::hand_over(const std::vector<Waiter*>& group, const Waiter* own) {
  Waiter* next = nullptr;
  {
    const std::lock_guard lock(queue_mutex_);
    has_leader_ = !queue_.empty();
    if (has_leader_ && queue_.front()->has_thread()) next = queue_.front();
    is_thread_due_ = has_leader_ && next == nullptr;
    if (is_thread_due_ && own != nullptr) thread_due_.notify_one();
  }
  if (next != nullptr) next->wake(Waiter::State::kLeader);
  for (Waiter* waiter : group) {
    if (waiter != own) waiter->finish();
  }
}

void Committer::lead(std::vector<Waiter*>* group) {
  const CommitPoint before = last_;
  payload_count_ = 0;
  admitted_.clear();
  for (Waiter* waiter : *group) {
    if (auto admission = admit(*waiter->commit); !admission) {
      waiter->result = fail(std::move(admission).error());
      continue;
    }
    encode(waiter);
    admitted_.push_back(waiter);
  }
  if (admitted_.empty()) return;

  std::uint64_t offset = 0;
  payloads_.resize(payload_count_);
  if (auto written = write_log(&offset); !written) {
    // Nobody has seen these numbers: the log must not have a gap where they would have been.
    last_ = before;
    for (Waiter* waiter : admitted_) waiter->result = fail(written.error());
    return;
  }
  apply(offset);
  shrink_buffers();
}

// Whether the commit writes all replicas that its items have.
Result<void> Committer::check_replicas(const Commit& commit) const {
  for (const OwnedWrite& write : commit.writes) {
    if (!writes_item(write)) continue;
    const auto found = live_tables_.find(number(write.table->id));
    const bool is_live = found != live_tables_.end();
    const bool is_replica = write.table->replica || (is_live && found->second->replica);
    const bool is_elsewhere = is_live && lock_id(*found->second) != lock_id(*write.table);
    if (is_elsewhere || (is_replica && commit.replica_epoch != replica_groups_.epoch())) {
      return fail(Error::conflict("the replicas of " + write.table->schema.name + " changed"));
    }
  }
  return {};
}

// What the commit was prepared by may have changed since. Only here, under the commit lock, can it be said
// for certain: catalog changes are commits, too, and end their group.
Result<void> Committer::admit(const Commit& commit) const {
  RETURN_IF_ERROR(check_replicas(commit));
  for (const OwnedWrite& write : commit.writes) {
    if (write.table == nullptr) continue;
    const auto found = live_tables_.find(number(write.table->id));
    if (found == live_tables_.end()) return fail(Error::not_found("table " + write.table->schema.name));
    const Table& live = *found->second;
    if (&live != write.table && !have_same_indexes(live, *write.table)) {
      return fail(Error::conflict("the indexes of " + write.table->schema.name + " changed"));
    }
    if (writes_item(write) && keeps_old_images(live) && !write.old_value) {
      return fail(Error::conflict("the old images of " + write.table->schema.name + " are needed now"));
    }
  }
  const bool is_full = store_.disk_full();
  if ((is_full || adds_data(commit)) && has_room_ && !has_room_()) {
    return fail(is_full ? data_cannot_move() : Error::no_space("the disk is nearly full"));
  }
  return {};
}

// Stamps the commit and writes the payload of its log record. Times never go back, and no two commits share
// one: history finds what a key held at a moment by times alone.
void Committer::encode(Waiter* waiter) {
  last_.time = std::max(last_.time.plus_micros(1), clock_.now());
  last_.sequence = wal::next(last_.sequence);
  waiter->result = last_.time;
  waiter->sequence = last_.sequence;

  views_.clear();
  bool has_history = false;
  for (OwnedWrite& write : waiter->commit->writes) {
    if (is_stored_put(write)) set_write_time(write.value.data(), last_.time);
    wal::WriteView& view = views_.emplace_back(view_of(write));
    if (write.table == nullptr || !write.old_value) continue;
    const Table& live = *live_tables_.at(number(write.table->id));
    if (keeps_old_images(live)) view.old_value = *write.old_value;
    view.in_history = keeps_history(live);
    has_history = has_history || view.in_history;
    if (tells_stream(live) && changes_item(write)) {
      const PartitionId partition = partition_of(live.partitions, hash_of(write.key)).id;
      const auto ordinal = static_cast<std::uint32_t>(views_.size() - 1);
      waiter->stream_marks.push_back({.mark = {.partition = partition, .ordinal = ordinal},
                                      .key = stream_mark_key(partition),
                                      .value = stream_mark_value(ordinal)});
    }
  }
  add_stream_marks(waiter);
  waiter->payload = payload_count_++;
  if (payloads_.size() < payload_count_) payloads_.emplace_back();
  std::string& payload = payloads_[waiter->payload];
  payload.clear();
  wal::append_payload(&payload, {last_.sequence, last_.time, waiter->commit->origin}, views_,
                      has_history ? &waiter->history_offsets : nullptr);
}

// Behind the writes, so that these keep their places in the record.
void Committer::add_stream_marks(Waiter* waiter) {
  for (const LoggedMark& logged : waiter->stream_marks) {
    wal::WriteView& view = views_.emplace_back();
    view.space = wal::Space::kStream;
    view.key = logged.key;
    view.value = logged.value;
  }
}

Result<void> Committer::write_log(std::uint64_t* offset) {
  RETURN_IF_ERROR(log_.append(payloads_, offset));
  if (!sync_writes_) return {};
  auto synced = log_.sync();
  if (!synced) log_.undo_append();
  return synced;
}

// The commits are in the log, so from here on there is no way back: a restart would bring them about. Readers
// of snapshots see the group at once, because they take theirs under the commit lock; whoever reads without
// one sees it when RocksDB has the batch.
void Committer::apply(std::uint64_t first_payload_offset) {
  batch_.Clear();
  std::uint64_t offset = first_payload_offset;
  for (Waiter* waiter : admitted_) {
    for (const OwnedWrite& write : waiter->commit->writes) add_to_batch(write);
    count(*waiter->commit);
    const std::uint64_t payload_bytes = payloads_[waiter->payload].size();
    record_history(*waiter, offset, payload_bytes);
    index_streams(*waiter, offset, payload_bytes);
    offset += payload_bytes + wal::kFrameHeaderBytes;
  }
  log_bytes_.fetch_add(offset - first_payload_offset, std::memory_order_relaxed);

  // Looked at once: whoever begins to watch, does it between two groups.
  const bool is_watched = !store_.dead_ranges().is_idle();
  if (is_watched) {
    collect_changes();
    store_.dead_ranges().before_write(key_changes_);
  }
  std::unique_lock applying(applying_mutex_, std::defer_lock);
  if (are_looks_guarded_) applying.lock();
  write_batch();
  if (is_watched) store_.dead_ranges().after_write(key_changes_);
  for (Waiter* waiter : admitted_) {
    if (waiter->commit->applied) waiter->commit->applied(*waiter->result);
    note_expiries(*waiter->commit);
  }
  applied_micros_.store(last_.time.micros, std::memory_order_release);
  if (applying.owns_lock()) applying.unlock();
  // Last: who reads of a commit in the log, finds it applied.
  readers_.publish(last_.sequence);
  flush_overwrites();
}

void Committer::write_batch() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  rocksdb::Status status = store_.db().Write(options, &batch_);
  // A flush found no space since the commits were admitted. The log has them, so nobody may be told that they
  // failed: they wait. Whoever comes behind them is refused.
  if (status.IsNoSpace()) {
    refuse_queue();
    while (status.IsNoSpace()) {
      std::this_thread::sleep_for(kSpaceInterval);
      static_cast<void>(store_.resume());
      status = store_.db().Write(options, &batch_);
    }
    const std::lock_guard lock(queue_mutex_);
    waits_for_space_ = false;
  }
  if (!status.ok()) die_of(status, "applying a commit");
}

void Committer::refuse_queue() {
  std::vector<Waiter*> refused;
  {
    const std::lock_guard lock(queue_mutex_);
    waits_for_space_ = true;
    refused.swap(queue_);
  }
  for (Waiter* waiter : refused) {
    waiter->result = fail(data_cannot_move());
    waiter->finish();
  }
}

void Committer::collect_changes() {
  key_changes_.clear();
  for (const Waiter* waiter : admitted_) {
    for (const OwnedWrite& write : waiter->commit->writes) {
      if (write.space == wal::Space::kCatalog || write.kind == wal::WriteKind::kAdjustCounters) continue;
      const auto kind = write.kind == wal::WriteKind::kPut      ? KeyChange::Kind::kPut
                        : write.kind == wal::WriteKind::kDelete ? KeyChange::Kind::kDelete
                                                                : KeyChange::Kind::kDeleteRange;
      key_changes_.push_back({.kind = kind, .space = write.space, .key = write.key});
    }
  }
}

// The mutex is for those who read a counter: they must never wait for a commit.
void Committer::count(const Commit& commit) {
  const std::lock_guard lock(counters_mutex_);
  for (const OwnedWrite& write : commit.writes) count_write(view_of(write), &counters_);
}

void Committer::add_to_batch(const OwnedWrite& write) {
  auto* const family = store_.family(write.space);
  rocksdb::Status status;
  switch (write.kind) {
    case wal::WriteKind::kPut:
      status = batch_.Put(family, slice(write.key), slice(write.value));
      if (write.space == wal::Space::kState && write.old_size) ++overwrites_;
      break;
    case wal::WriteKind::kDelete:
      status = batch_.Delete(family, slice(write.key));
      break;
    case wal::WriteKind::kDeleteRange: {
      // A range tombstone costs every later read a little: none for a table that was empty. Commits of the
      // same group may have filled it in the batch, where the iterator does not see them.
      const auto iterator =
          store_.iterate(write.space, {write.key, write.value}, {.skipped_keys_max = kSkippedKeysMax});
      iterator->seek_to_first();
      if (admitted_.size() > 1 || iterator->valid() || !iterator->status()) {
        status = batch_.DeleteRange(family, slice(write.key), slice(write.value));
      }
      break;
    }
    case wal::WriteKind::kAdjustCounters:
      break;
  }
  INVARIANT(status.ok());
}

void Committer::note_expiries(const Commit& commit) {
  for (const OwnedWrite& write : commit.writes) {
    if (write.expires_at) expiries_.note(id_of(write.key), *write.expires_at);
  }
}

void Committer::record_history(const Waiter& waiter, std::uint64_t payload_offset,
                               std::uint64_t payload_bytes) {
  if (waiter.history_offsets.empty()) return;
  changes_.clear();
  const auto& writes = waiter.commit->writes;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (waiter.history_offsets[i] == 0) continue;
    changes_.push_back({.state_key = writes[i].key,
                        .image_offset = payload_offset + waiter.history_offsets[i],
                        .image_size = static_cast<std::uint32_t>(writes[i].old_value->size()),
                        .image_sum = crc32c(0, *writes[i].old_value),
                        .is_replicated = writes[i].is_replicated});
  }
  const wal::RecordHead head{
      .sequence = waiter.sequence, .commit_time = *waiter.result, .origin = waiter.commit->origin};
  history_.record(head, log_.segment(), payload_bytes, changes_);
}

void Committer::index_streams(const Waiter& waiter, std::uint64_t payload_offset,
                              std::uint64_t payload_bytes) {
  if (waiter.stream_marks.empty()) return;
  const std::string place = stream_value({.sequence = waiter.sequence,
                                          .payload_offset = payload_offset,
                                          .payload_bytes = static_cast<std::uint32_t>(payload_bytes)});
  for (const auto& [mark, key, value] : waiter.stream_marks) {
    const auto status =
        batch_.Put(store_.family(wal::Space::kStream),
                   slice(stream_key(mark.partition, *waiter.result, mark.ordinal)), slice(place));
    INVARIANT(status.ok());
  }
}

void Committer::flush_overwrites() {
  if (overwrites_ < kOverwritesMax) return;
  overwrites_ = 0;
  std::uint64_t entries = 0;
  const bool known = store_.db().GetIntProperty(store_.family(wal::Space::kState),
                                                rocksdb::DB::Properties::kNumEntriesActiveMemTable, &entries);
  if (known && entries >= kOverwritesMax) store_.flush_soon(wal::Space::kState);
}

void Committer::shrink_buffers() {
  std::size_t bytes = batch_.GetDataSize();
  for (const std::string& payload : payloads_) bytes += payload.capacity();
  if (bytes <= kBufferBytesKept) return;
  release_memory(&payloads_);
  batch_ = rocksdb::WriteBatch();
}

void Committer::with_gate(const std::function<void(CommitPoint* last)>& gate) {
  const std::lock_guard lock(commit_mutex_);
  gate(&last_);
}

void Committer::with_applied(const std::function<void(Timestamp)>& look) const {
  INVARIANT(are_looks_guarded_);
  const std::shared_lock lock(applying_mutex_);
  look(applied_through());
}

// What was committed within the last millisecond has a time at or before the boundary, and every later commit
// a time behind it, although the boundary may be ahead of the clock. Nothing is written: see where the engine
// opens for what that means after a restart.
Timestamp Committer::with_time_boundary(Timestamp at_least, const std::function<void()>& pin) {
  const std::lock_guard lock(commit_mutex_);
  const Timestamp not_before = std::max(last_.time, at_least).plus_micros(999).floor_millis();
  last_.time = std::max(clock_.now().floor_millis(), not_before);
  pin();
  return last_.time;
}

void Committer::set_table(TablePtr table) {
  replica_groups_.set(table);
  if (table_hook_) table_hook_(*table);
  const std::uint32_t id = number(table->id);
  live_tables_[id] = std::move(table);
}

void Committer::forget_table(TableId id) {
  replica_groups_.forget(id);
  live_tables_.erase(number(id));
}

TablePtr Committer::current_table(TableId id) const {
  const std::lock_guard lock(commit_mutex_);
  const auto found = live_tables_.find(number(id));
  return found == live_tables_.end() ? nullptr : found->second;
}

TableStats Committer::stats(TableId id) const {
  const std::lock_guard lock(counters_mutex_);
  const auto found = counters_.find(number(id));
  return found == counters_.end() ? TableStats{} : found->second;
}

}  // namespace tidemark::storage

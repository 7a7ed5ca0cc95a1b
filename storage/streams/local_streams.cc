#include "storage/streams/local_streams.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "storage/store/item_codec.h"
#include "wal/record_reader.h"

namespace tidemark::storage {
namespace {

// The document by which a boundary is written to the log. It is never read.
constexpr char kRollKind[] = "stream-roll";
constexpr char kRollKey[] = "last";

constexpr std::chrono::hours kDropInterval{1};

Result<std::optional<model::Item>> item_of(std::string_view stored) {
  if (stored.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const StoredView view, parse_stored(stored));
  return model::Item{.text = std::string(view.text), .size_bytes = view.size_bytes};
}

Result<StreamRecord> record_of(const StreamIndexEntry& entry, const wal::RecordView& logged) {
  if (entry.ordinal >= logged.writes.size() || !logged.writes[entry.ordinal].old_value) {
    return fail(Error::corruption("the index of a stream names a write that log record " +
                                  std::to_string(wal::number(logged.sequence)) + " does not have"));
  }
  const wal::WriteView& write = logged.writes[entry.ordinal];
  StreamRecord record;
  record.position = {entry.time, entry.ordinal};
  record.origin = wal::origin_of(logged, write.is_replicated);
  ASSIGN_OR_RETURN(record.old_item, item_of(*write.old_value));
  if (write.kind == wal::WriteKind::kPut) {
    ASSIGN_OR_RETURN(record.new_item, item_of(write.value));
  }
  return record;
}

std::size_t counted_bytes(const StreamRecord& record, const StreamPageLimits& limits) {
  std::size_t bytes = 0;
  if (limits.counts_old_images && record.old_item) bytes += record.old_item->text.size();
  if (limits.counts_new_images && record.new_item) bytes += record.new_item->text.size();
  return bytes;
}

}  // namespace

std::vector<Stream> LocalStreams::list() const {
  std::vector<Stream> streams = book_.list();
  std::erase_if(streams, [this](const Stream& stream) { return is_over(stream); });
  return streams;
}

std::optional<Stream> LocalStreams::find(std::string_view arn) const {
  auto stream = book_.find(arn);
  if (stream && is_over(*stream)) stream.reset();
  return stream;
}

bool LocalStreams::is_over(const Stream& stream) const {
  return stream.ended_at && *stream.ended_at < horizon();
}

Timestamp LocalStreams::horizon() const { return clock_.forgetting_time().plus_seconds(-kStreamSeconds); }

// Where something is late, the first record of that: what is behind it cannot be read either.
Result<StreamPosition> LocalStreams::newest(const Stream& stream, const Shard& shard) {
  const StreamPosition behind_all{.time = committer_.applied_through().plus_micros(1), .ordinal = 0};
  if (!shows_late(stream)) return behind_all;
  StreamPosition position{.time = late_copies_.late_after().plus_micros(1), .ordinal = 0};
  for (;;) {
    ASSIGN_OR_RETURN(const StreamPage page, read(stream, shard, position, {}));
    if (page.records.empty()) break;
    position = page.next;
  }
  return std::min(position, behind_all);
}

bool LocalStreams::shows_late(const Stream& stream) const {
  if (!late_copies_.is_on()) return false;
  const TablePtr table = catalog_.find(stream.table);
  return table && shows_copies_late(*table);
}

bool LocalStreams::is_late(const StreamRecord& record) const {
  // An item that expires may be shown as long as what others wrote is.
  const bool may_be_late = record.origin == wal::Origin::kReplication || record.origin == wal::Origin::kTtl;
  return may_be_late && !late_copies_.has_arrived(record.position.time);
}

Timestamp LocalStreams::now() const { return std::max(clock_.now(), committer_.applied_through()); }

Result<std::vector<Shard>> LocalStreams::shards(const Stream& stream) {
  std::vector<Shard> shards = shards_of(stream, now(), horizon());
  Timestamp last_end;
  for (const Shard& shard : shards) last_end = std::max(last_end, shard.end.value_or(Timestamp{}));
  // What is behind the end of a stream is settled: its end is the time of a commit.
  if (!stream.ended_at) RETURN_IF_ERROR(settle(last_end));
  return shards;
}

Result<std::optional<Shard>> LocalStreams::find_shard(const Stream& stream, std::string_view id) {
  const auto shard = storage::find_shard(stream, id, now(), horizon());
  if (shard && shard->end && !stream.ended_at) RETURN_IF_ERROR(settle(*shard->end));
  return shard;
}

// A commit that is under way may still have an earlier time, and after a restart the clock goes on from the
// last commit that the log knows. Both are excluded by a commit with a time behind the boundary.
Result<void> LocalStreams::settle(Timestamp boundary) {
  if (committer_.applied_through() >= boundary) return {};
  const std::lock_guard lock(settle_mutex_);
  if (committer_.applied_through() >= boundary) return {};
  return catalog_.put_document(kRollKind, kRollKey, "{}");
}

Result<std::vector<StreamIndexEntry>> LocalStreams::entries(PartitionId partition, StreamPosition from,
                                                            Timestamp end, std::size_t count) const {
  std::vector<StreamIndexEntry> found;
  const auto iterator = store_.iterate(
      wal::Space::kStream, {stream_key(partition, from.time, from.ordinal), stream_key(partition, end, 0)});
  for (iterator->seek_to_first(); iterator->valid() && found.size() < count; iterator->next()) {
    ASSIGN_OR_RETURN(const StreamIndexEntry entry, parse_stream_entry(iterator->key(), iterator->value()));
    found.push_back(entry);
  }
  RETURN_IF_ERROR(iterator->status());
  return found;
}

Result<StreamPage> LocalStreams::read(const Stream& stream, const Shard& shard, StreamPosition from,
                                      const StreamPageLimits& limits) {
  if (shard.end && !stream.ended_at) RETURN_IF_ERROR(settle(*shard.end));
  const Timestamp end = shard.end.value_or(shard.begin.plus(kShardHours));
  StreamPage page;
  page.next = std::max({from, StreamPosition{.time = shard.begin}, StreamPosition{.time = horizon()}});
  std::vector<StreamIndexEntry> found;
  if (page.next.time < end) {
    // One more than wanted tells whether there is more.
    ASSIGN_OR_RETURN(found, entries(shard.partition, page.next, end, limits.records_max + 1));
  }
  const std::size_t count = std::min(found.size(), limits.records_max);
  std::size_t bytes = 0;
  // Made behind the index: whatever that names is in the log.
  wal::RecordReader log(log_);
  const wal::RecordView* logged = nullptr;
  const bool shows_late_ones = shows_late(stream);
  bool ends_early = false;
  page.records.reserve(count);
  while (page.records.size() < count && bytes < limits.bytes_max) {
    const StreamIndexEntry& entry = found[page.records.size()];
    // The writes of one commit share its record.
    if (logged == nullptr || logged->sequence != entry.place.sequence) {
      ASSIGN_OR_RETURN(logged, log.read(entry.place));
    }
    ASSIGN_OR_RETURN(StreamRecord record, record_of(entry, *logged));
    // What another region wrote, and this one does not show yet. All behind it waits, to keep the order.
    ends_early = shows_late_ones && is_late(record);
    if (ends_early) break;
    bytes += counted_bytes(record, limits);
    page.next = next(record.position);
    page.records.push_back(std::move(record));
  }
  page.is_last = shard.end && !ends_early && page.records.size() == found.size();
  return page;
}

Result<void> LocalStreams::tidy() {
  book_.note_ends();
  book_.hold_logs();
  const std::vector<Stream> streams = book_.list();
  const Timestamp now = clock_.forgetting_time();
  if (now < dropped_at_.plus(kDropInterval) && now >= dropped_at_) return {};
  RETURN_IF_ERROR(drop_index(streams));
  for (const Stream& stream : streams) {
    if (is_over(stream)) RETURN_IF_ERROR(book_.forget(stream));
  }
  dropped_at_ = now;
  return {};
}

// Replay brings back what a crash lost of this; the next time finds it.
Result<void> LocalStreams::drop_index(const std::vector<Stream>& streams) {
  std::vector<KeyRange> ranges;
  const Timestamp trimmed = std::max(horizon(), Timestamp{});
  for (const Stream& stream : streams) {
    for (const PartitionId partition : stream.partitions) {
      ranges.push_back({stream_key(partition, {}, 0), stream_key(partition, trimmed, 0)});
    }
  }
  return store_.remove(wal::Space::kStream, ranges);
}

}  // namespace tidemark::storage

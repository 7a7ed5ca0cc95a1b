#include "storage/commit/recovery.h"

#include <algorithm>
#include <vector>

#include "base/digest.h"
#include "base/log.h"
#include "storage/store/stream_index.h"
#include "wal/replay.h"

namespace tidemark::storage {
namespace {

constexpr std::size_t kBatchBytes = 1U << 20;

class Recovery {
 public:
  Recovery(RocksStore& store, History& history, Checkpoint* checkpoint)
      : store_(store),
        history_(history),
        checkpoint_(checkpoint),
        applied_through_(checkpoint->last.sequence) {}

  Result<void> visit(const wal::ReplayedRecord& replayed) {
    // The log is read from further back than RocksDB needs while it has changes that history has not sealed.
    replay_history(replayed);
    if (replayed.record.sequence <= applied_through_) return {};
    // RocksDB flushes on its own and may have this record already, and later ones, too. That does no harm:
    // the writes are complete values, and replay ends with the newest of each key. The counters are as of the
    // checkpoint, so that every record behind it is counted exactly once.
    for (const wal::WriteView& write : replayed.record.writes) {
      RETURN_IF_ERROR(write.space == wal::Space::kStream ? index_stream(replayed, write) : add(write));
      count_write(write, &checkpoint_->counters);
    }
    checkpoint_->last = {replayed.record.sequence, replayed.record.commit_time};
    if (batch_.GetDataSize() >= kBatchBytes) return write_batch();
    return {};
  }

  Result<void> write_batch() {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    const rocksdb::Status status = store_.db().Write(options, &batch_);
    batch_.Clear();
    if (!status.ok()) return fail(rocks_error(status, "replaying the change log"));
    return {};
  }

 private:
  void replay_history(const wal::ReplayedRecord& replayed) {
    changes_.clear();
    for (const wal::WriteView& write : replayed.record.writes) {
      // Others carry their old image for the readers of a stream.
      if (!write.in_history) continue;
      const auto offset = static_cast<std::uint64_t>(write.old_value->data() - replayed.payload.data());
      changes_.push_back({.state_key = write.key,
                          .image_offset = replayed.payload_offset + offset,
                          .image_size = static_cast<std::uint32_t>(write.old_value->size()),
                          .image_sum = crc32c(0, *write.old_value),
                          .is_replicated = write.is_replicated});
    }
    if (changes_.empty()) return;
    history_.record(replayed.record, replayed.segment, replayed.payload.size(), changes_);
  }

  Result<void> index_stream(const wal::ReplayedRecord& replayed, const wal::WriteView& write) {
    ASSIGN_OR_RETURN(const StreamMark mark, parse_stream_mark(write.key, write.value));
    const std::string key = stream_key(mark.partition, replayed.record.commit_time, mark.ordinal);
    const std::string place =
        stream_value({.sequence = replayed.record.sequence,
                      .payload_offset = replayed.payload_offset,
                      .payload_bytes = static_cast<std::uint32_t>(replayed.payload.size())});
    const auto status = batch_.Put(store_.family(wal::Space::kStream), slice(key), slice(place));
    if (!status.ok()) return fail(rocks_error(status, "replaying the change log"));
    return {};
  }

  Result<void> add(const wal::WriteView& write) {
    auto* const family = store_.family(write.space);
    rocksdb::Status status;
    switch (write.kind) {
      case wal::WriteKind::kPut:
        status = batch_.Put(family, slice(write.key), slice(write.value));
        break;
      case wal::WriteKind::kDelete:
        status = batch_.Delete(family, slice(write.key));
        break;
      case wal::WriteKind::kDeleteRange:
        status = batch_.DeleteRange(family, slice(write.key), slice(write.value));
        break;
      case wal::WriteKind::kAdjustCounters:
        break;
    }
    if (!status.ok()) return fail(rocks_error(status, "replaying the change log"));
    return {};
  }

  RocksStore& store_;
  History& history_;
  Checkpoint* const checkpoint_;
  const wal::SequenceNumber applied_through_;
  rocksdb::WriteBatch batch_;
  std::vector<HistoryChange> changes_;
};

}  // namespace

Result<std::uint64_t> recover(const std::string& log_directory, FileSystem& files, RocksStore& store,
                              History& history, Checkpoint* checkpoint) {
  const wal::SequenceNumber checkpointed = checkpoint->last.sequence;
  Recovery recovery(store, history, checkpoint);
  ASSIGN_OR_RETURN(
      const wal::ReplaySummary summary,
      wal::replay(log_directory, files, checkpoint->replay_after,
                  [&recovery](const wal::ReplayedRecord& record) { return recovery.visit(record); }));
  RETURN_IF_ERROR(recovery.write_batch());
  // A torn tail is cut off, but RocksDB must not hold what the log does not.
  if (summary.last < checkpointed) {
    return fail(Error::corruption(log_directory + " ends at record " +
                                  std::to_string(wal::number(summary.last)) + ", but record " +
                                  std::to_string(wal::number(checkpointed)) + " was written"));
  }
  if (summary.records > 0) {
    log::info("replayed the change log", {{"records", summary.records}, {"bytes", summary.bytes}});
  }
  return summary.bytes;
}

}  // namespace tidemark::storage

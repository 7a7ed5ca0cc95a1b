#include "storage/engine/table_snapshot.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr std::uint64_t kReadaheadBytes = 1ULL << 20;

class MergedSnapshotReader final : public SnapshotReader {
 public:
  // `undo` is null when nothing but the live state is to be read.
  MergedSnapshotReader(Timestamp time, std::unique_ptr<RocksIterator> live, std::unique_ptr<UndoReader> undo)
      : time_(time), live_(std::move(live)), undo_(std::move(undo)) {}

  bool next() override {
    if (!status_) return false;
    if (!started_) {
      started_ = true;
      live_->seek_to_first();
      undo_valid_ = undo_ != nullptr && undo_->next();
    } else {
      leave_item();
    }
    while (check_status() && (live_->valid() || undo_valid_)) {
      if (load_item()) return true;
      if (!status_) return false;
      leave_item();
    }
    return false;
  }

  [[nodiscard]] std::string_view text() const override { return item_.text; }
  [[nodiscard]] std::uint32_t size_bytes() const override { return item_.size_bytes; }
  [[nodiscard]] Timestamp write_time() const override { return item_.write_time; }
  [[nodiscard]] Result<void> status() const override { return status_; }

 private:
  // Moves on from the key that load_item() looked at.
  void leave_item() {
    if (on_live_) live_->next();
    if (on_undo_) undo_valid_ = undo_->next();
  }

  bool check_status() {
    if (!live_->valid()) keep_error(live_->status());
    if (undo_ != nullptr && !undo_valid_) keep_error(undo_->status());
    return status_.has_value();
  }

  void keep_error(Result<void> result) {
    if (status_ && !result) status_ = std::move(result);
  }

  // Looks at the smallest key; false when there was no item under it, or on an error.
  bool load_item() {
    const int order = !undo_valid_ ? -1 : !live_->valid() ? 1 : live_->key().compare(undo_->state_key());
    on_live_ = order <= 0;
    on_undo_ = order >= 0;
    std::string_view record;
    if (on_undo_) {
      const auto image = undo_->image();
      if (!image) {
        status_ = fail(image.error());
        return false;
      }
      if (image->empty()) return false;
      record = *image;
    } else {
      record = live_->value();
    }
    const auto item = parse_stored(record);
    if (!item) {
      status_ = fail(item.error());
      return false;
    }
    item_ = *item;
    // Items of a bulk load leave no undo records, but they cannot be older than themselves.
    return item_.write_time <= time_;
  }

  const Timestamp time_;
  const std::unique_ptr<RocksIterator> live_;
  const std::unique_ptr<UndoReader> undo_;
  bool started_ = false;
  bool undo_valid_ = false;
  // Which of the two stand on the current key.
  bool on_live_ = false;
  bool on_undo_ = false;
  StoredView item_;
  Result<void> status_;
};

class MergedTableSnapshot final : public TableSnapshot {
 public:
  MergedTableSnapshot(const RocksStore& store, TablePtr table, Timestamp time,
                      std::unique_ptr<RocksSnapshot> live, std::shared_ptr<const HistoryPin> history)
      : store_(store),
        table_(std::move(table)),
        time_(time),
        live_(std::move(live)),
        history_(std::move(history)) {}

  [[nodiscard]] Timestamp time() const override { return time_; }
  [[nodiscard]] const Table& table() const override { return *table_; }

  Result<std::unique_ptr<SnapshotReader>> read(HashRange range) override {
    INVARIANT(range.first <= range.last);
    const KeyRange keys = hash_range(table_->id, range);
    auto live =
        store_.iterate(wal::Space::kState, keys,
                       {.snapshot = live_.get(), .fill_cache = false, .readahead_bytes = kReadaheadBytes});
    std::unique_ptr<UndoReader> undo;
    if (history_ != nullptr) undo = history_->read(keys.begin, keys.end, time_);
    return std::make_unique<MergedSnapshotReader>(time_, std::move(live), std::move(undo));
  }

 private:
  const RocksStore& store_;
  const TablePtr table_;
  const Timestamp time_;
  const std::unique_ptr<RocksSnapshot> live_;
  const std::shared_ptr<const HistoryPin> history_;
};

}  // namespace

std::unique_ptr<TableSnapshot> make_table_snapshot(const RocksStore& store, TablePtr table, Timestamp time,
                                                   std::unique_ptr<RocksSnapshot> live,
                                                   std::shared_ptr<const HistoryPin> history) {
  return std::make_unique<MergedTableSnapshot>(store, std::move(table), time, std::move(live),
                                               std::move(history));
}

}  // namespace tidemark::storage

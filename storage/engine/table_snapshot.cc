#include "storage/engine/table_snapshot.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "storage/engine/past_reader.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr std::uint64_t kReadaheadBytes = 1ULL << 20;

class MergedSnapshotReader final : public SnapshotReader {
 public:
  explicit MergedSnapshotReader(PastReader reader) : reader_(std::move(reader)) {}

  bool next() override { return reader_.next(); }
  [[nodiscard]] std::string_view text() const override { return reader_.item().text; }
  [[nodiscard]] std::uint32_t size_bytes() const override { return reader_.item().size_bytes; }
  [[nodiscard]] Timestamp write_time() const override { return reader_.item().write_time; }
  [[nodiscard]] Result<void> status() const override { return reader_.status(); }

 private:
  PastReader reader_;
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

  Result<std::unique_ptr<SnapshotReader>> read(HashRange range,
                                               const std::optional<KeyRange>& within) override {
    INVARIANT(range.first <= range.last);
    KeyRange keys = hash_range(table_->id, range);
    if (within) keys = intersection(keys, *within);
    auto live =
        store_.iterate(wal::Space::kState, keys,
                       {.snapshot = live_.get(), .fill_cache = false, .readahead_bytes = kReadaheadBytes});
    std::unique_ptr<UndoReader> undo;
    if (history_ != nullptr) undo = history_->read(keys.begin, keys.end, time_);
    return std::make_unique<MergedSnapshotReader>(
        PastReader(time_, std::move(live), std::move(undo), ReadDirection::kForward));
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

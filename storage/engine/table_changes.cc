#include "storage/engine/table_changes.h"

#include <string>
#include <utility>

#include "base/check.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

class JoinedChangeReader final : public ChangeReader {
 public:
  JoinedChangeReader(const RocksStore& store, const RocksSnapshot& live,
                     std::unique_ptr<ChangedKeyReader> keys, Timestamp from, Timestamp to)
      : store_(store), live_(live), keys_(std::move(keys)), from_(from), to_(to) {}

  bool next() override {
    while (status_ && keys_->next()) {
      status_ = load();
      if (status_ && (old_ || new_)) return true;
    }
    if (status_) status_ = keys_->status();
    return false;
  }

  [[nodiscard]] const std::optional<ItemVersion>& old_image() const override { return old_; }
  [[nodiscard]] const std::optional<ItemVersion>& new_image() const override { return new_; }
  [[nodiscard]] Timestamp write_time() const override { return new_ ? new_->write_time : keys_->last_time(); }
  [[nodiscard]] wal::Origin origin() const override { return keys_->last_origin(); }
  [[nodiscard]] Result<void> status() const override { return status_; }

 private:
  Result<void> load() {
    ASSIGN_OR_RETURN(old_, image_of(keys_->old_image(), from_));
    if (keys_->new_image()) {
      ASSIGN_OR_RETURN(new_, image_of(*keys_->new_image(), to_));
      return {};
    }
    ASSIGN_OR_RETURN(const bool found,
                     store_.get(wal::Space::kState, keys_->state_key(), &live_value_, &live_));
    ASSIGN_OR_RETURN(new_, image_of(found ? std::string_view(live_value_) : std::string_view(), to_));
    return {};
  }

  static Result<std::optional<ItemVersion>> image_of(std::string_view record, Timestamp time) {
    if (record.empty()) return std::nullopt;
    ASSIGN_OR_RETURN(const StoredView item, parse_stored(record));
    // Items of a bulk load leave no undo records, but they cannot be older than themselves.
    if (item.write_time > time) return std::nullopt;
    return ItemVersion{.text = item.text, .size_bytes = item.size_bytes, .write_time = item.write_time};
  }

  const RocksStore& store_;
  const RocksSnapshot& live_;
  const std::unique_ptr<ChangedKeyReader> keys_;
  const Timestamp from_;
  const Timestamp to_;
  std::string live_value_;
  std::optional<ItemVersion> old_;
  std::optional<ItemVersion> new_;
  Result<void> status_;
};

class JoinedTableChanges final : public TableChanges {
 public:
  JoinedTableChanges(const RocksStore& store, TablePtr table, Timestamp from, Timestamp to,
                     std::unique_ptr<RocksSnapshot> live, std::shared_ptr<const HistoryPin> history)
      : store_(store),
        table_(std::move(table)),
        from_(from),
        to_(to),
        live_(std::move(live)),
        history_(std::move(history)) {}

  [[nodiscard]] Timestamp from() const override { return from_; }
  [[nodiscard]] Timestamp to() const override { return to_; }
  [[nodiscard]] const Table& table() const override { return *table_; }

  Result<std::unique_ptr<ChangeReader>> read(HashRange range,
                                             const std::optional<KeyRange>& within) override {
    INVARIANT(range.first <= range.last);
    KeyRange keys = hash_range(table_->id, range);
    if (within) keys = intersection(keys, *within);
    ASSIGN_OR_RETURN(auto changed, history_->read_changes(keys.begin, keys.end, from_, to_));
    return std::make_unique<JoinedChangeReader>(store_, *live_, std::move(changed), from_, to_);
  }

 private:
  const RocksStore& store_;
  const TablePtr table_;
  const Timestamp from_;
  const Timestamp to_;
  const std::unique_ptr<RocksSnapshot> live_;
  const std::shared_ptr<const HistoryPin> history_;
};

}  // namespace

std::unique_ptr<TableChanges> make_table_changes(const RocksStore& store, TablePtr table, Timestamp from,
                                                 Timestamp to, std::unique_ptr<RocksSnapshot> live,
                                                 std::shared_ptr<const HistoryPin> history) {
  return std::make_unique<JoinedTableChanges>(store, std::move(table), from, to, std::move(live),
                                              std::move(history));
}

}  // namespace tidemark::storage

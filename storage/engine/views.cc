#include "storage/engine/views.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "model/item.h"
#include "storage/commit/index_writer.h"
#include "storage/engine/past_reader.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"
#include "storage/store/range_cursor.h"

namespace tidemark::storage {
namespace {

// What is sorted in memory of one item collection of a local index: some pages.
constexpr std::uint64_t kSortedBytesMax = 4ULL << 20;

// What of a range is behind `start_after`, in the direction of the options.
KeyRange rest_of(const KeyRange& range, const ReadOptions& options) {
  KeyRange rest = range;
  if (options.start_after && options.reverse) rest.end = std::min(rest.end, *options.start_after);
  if (options.start_after && !options.reverse) {
    // Behind the key and everything that continues it: so undo records do, with their times.
    rest.begin = std::max(rest.begin, prefix_end(*options.start_after));
  }
  if (rest.end < rest.begin) rest.end = rest.begin;
  return rest;
}

// A commit reaches RocksDB as a part of one batch, so that a snapshot has all of it or nothing.
class LiveView final : public ReadView {
 public:
  explicit LiveView(const RocksStore& store) : store_(store), snapshot_(store) {}

  Result<std::optional<StoredItem>> get(const Table& table, const model::Key& key) override {
    std::string record;
    ASSIGN_OR_RETURN(const bool found,
                     store_.get(wal::Space::kState, state_key(table.id, key), &record, &snapshot_));
    if (!found) return std::nullopt;
    return stored_item(std::move(record));
  }

  std::unique_ptr<Cursor> read(const Target& target, const KeyRange& range,
                               const ReadOptions& options) override {
    const wal::Space space = target.index != nullptr ? wal::Space::kIndex : wal::Space::kState;
    return std::make_unique<RangeCursor>(store_, space, range, options, &snapshot_);
  }

 private:
  const RocksStore& store_;
  const RocksSnapshot snapshot_;
};

class PastCursor final : public Cursor {
 public:
  explicit PastCursor(PastReader reader) : reader_(std::move(reader)) {}

  bool next() override { return reader_.next(); }
  [[nodiscard]] std::string_view text() const override { return reader_.item().text; }
  [[nodiscard]] std::uint32_t size_bytes() const override { return reader_.item().size_bytes; }
  [[nodiscard]] Result<void> status() const override { return reader_.status(); }

 private:
  PastReader reader_;
};

class LateView final : public ReadView {
 public:
  LateView(const RocksStore& store, LateCopies& copies, Timestamp seen)
      : store_(store), live_(store), late_(copies, seen) {}

  Result<std::optional<StoredItem>> get(const Table& table, const model::Key& key) override {
    const std::string encoded = state_key(table.id, key);
    std::optional<std::string> record;
    if (shows_copies_late(table)) record = late_.find(wal::Space::kState, encoded);
    if (!record) {
      ASSIGN_OR_RETURN(const bool found, store_.get(wal::Space::kState, encoded, &record.emplace(), &live_));
      if (!found) return std::nullopt;
    }
    if (record->empty()) return std::nullopt;
    return stored_item(*std::move(record));
  }

  std::unique_ptr<Cursor> read(const Target& target, const KeyRange& range,
                               const ReadOptions& options) override {
    const wal::Space space = target.index != nullptr ? wal::Space::kIndex : wal::Space::kState;
    if (!shows_copies_late(*target.table)) {
      return std::make_unique<RangeCursor>(store_, space, range, options, &live_);
    }
    const ReadDirection direction = options.reverse ? ReadDirection::kBackward : ReadDirection::kForward;
    KeyRange rest = rest_of(range, options);
    auto live = store_.iterate(space, rest, {.snapshot = &live_, .fill_cache = options.fill_cache});
    auto late = late_.read(space, std::move(rest), direction);
    return std::make_unique<PastCursor>(PastReader(kLatestTime, std::move(live), std::move(late), direction));
  }

 private:
  const RocksStore& store_;
  const RocksSnapshot live_;
  const LateCopies::Look late_;
};

class CursorOfView final : public Cursor {
 public:
  CursorOfView(std::unique_ptr<ReadView> view, const Target& target, const KeyRange& range,
               const ReadOptions& options)
      : view_(std::move(view)), cursor_(view_->read(target, range, options)) {}

  bool next() override { return cursor_->next(); }
  [[nodiscard]] std::string_view text() const override { return cursor_->text(); }
  [[nodiscard]] std::uint32_t size_bytes() const override { return cursor_->size_bytes(); }
  [[nodiscard]] Result<void> status() const override { return cursor_->status(); }

 private:
  const std::unique_ptr<ReadView> view_;
  const std::unique_ptr<Cursor> cursor_;
};

class FailedCursor final : public Cursor {
 public:
  explicit FailedCursor(Error error) : error_(std::move(error)) {}
  bool next() override { return false; }
  [[nodiscard]] std::string_view text() const override { return {}; }
  [[nodiscard]] std::uint32_t size_bytes() const override { return 0; }
  [[nodiscard]] Result<void> status() const override { return fail(error_); }

 private:
  const Error error_;
};

// The length of the part of an encoded key that names an item collection.
Result<std::size_t> collection_bytes(std::string_view encoded_key, std::size_t partition_parts) {
  std::string_view rest = encoded_key.substr(kKeyPrefixBytes);
  for (std::size_t i = 0; i < partition_parts; ++i) RETURN_IF_ERROR(take_component(&rest));
  return encoded_key.size() - rest.size();
}

// The same place of another table or index.
std::string moved_to(TableId id, std::string_view encoded_key) {
  std::string moved;
  append_u32_be(&moved, number(id));
  moved += encoded_key.substr(kIdBytes);
  return moved;
}

// A local index has the items of the table in the order of their collections, each sorted anew: it is made
// again from the table, one collection at a time. Of a large collection the first entries are kept; who wants
// more of them than that has it read again.
class PastIndexCursor final : public Cursor {
 public:
  // The items of a range of the table, in the direction of the options.
  using OpenItems = std::function<PastReader(KeyRange range)>;

  // `collections` are at least those that meet `range`.
  PastIndexCursor(Target target, OpenItems open_items, KeyRange collections, KeyRange range,
                  const ReadOptions& options)
      : target_(std::move(target)),
        open_items_(std::move(open_items)),
        items_(open_items_(std::move(collections))),
        range_(std::move(range)),
        reverse_(options.reverse),
        start_after_(options.start_after) {
    has_item_ = items_.next();
  }

  bool next() override {
    if (position_ < entries_.size()) ++position_;
    while (position_ == entries_.size()) {
      if (!status_ || (!left_out_ && !has_item_)) return false;
      status_ = left_out_ ? load_what_was_left_out() : load_collection();
    }
    return status_.has_value();
  }
  [[nodiscard]] std::string_view text() const override { return entries_[position_].text; }
  [[nodiscard]] std::uint32_t size_bytes() const override { return entries_[position_].size_bytes; }
  [[nodiscard]] Result<void> status() const override { return status_ ? items_.status() : status_; }

 private:
  Result<void> load_collection() {
    const std::string_view key = items_.state_key();
    ASSIGN_OR_RETURN(const std::size_t size,
                     collection_bytes(key, target_.table->schema.keys.partition_keys.size()));
    collection_ = key.substr(0, size);
    begin();
    for (; has_item_ && items_.state_key().starts_with(collection_); has_item_ = items_.next()) {
      RETURN_IF_ERROR(take(items_.item()));
    }
    RETURN_IF_ERROR(items_.status());
    end();
    return {};
  }

  Result<void> load_what_was_left_out() {
    start_after_ = std::move(entries_.back().key);
    begin();
    PastReader again = open_items_({collection_, prefix_end(collection_)});
    while (again.next()) RETURN_IF_ERROR(take(again.item()));
    RETURN_IF_ERROR(again.status());
    end();
    return {};
  }

  void begin() {
    entries_.clear();
    entry_bytes_ = 0;
    position_ = 0;
    left_out_.reset();
  }

  Result<void> take(const StoredView& item) {
    const auto table_key = model::key_of(target_.table->schema.keys, item.text);
    if (!table_key) return fail(Error::corruption("an item of the past lacks the key of its table"));
    auto entry = index_entry(*target_.table, *target_.index, *table_key,
                             {.text = item.text, .size_bytes = item.size_bytes});
    if (entry && is_wanted(entry->key)) keep(*std::move(entry));
    return {};
  }

  // A heap with the last entry, in reading direction, on top.
  void keep(IndexEntry entry) {
    const auto order = [this](const IndexEntry& a, const IndexEntry& b) { return is_before(a.key, b.key); };
    entry_bytes_ += bytes_of(entry);
    entries_.push_back(std::move(entry));
    std::push_heap(entries_.begin(), entries_.end(), order);
    while (entry_bytes_ > kSortedBytesMax && entries_.size() > 1) {
      std::pop_heap(entries_.begin(), entries_.end(), order);
      entry_bytes_ -= bytes_of(entries_.back());
      left_out_ = std::move(entries_.back().key);
      entries_.pop_back();
    }
  }

  void end() {
    std::sort(entries_.begin(), entries_.end(),
              [this](const IndexEntry& a, const IndexEntry& b) { return is_before(a.key, b.key); });
  }

  static std::uint64_t bytes_of(const IndexEntry& entry) { return entry.key.size() + entry.text.size(); }
  [[nodiscard]] bool is_before(std::string_view a, std::string_view b) const {
    return reverse_ ? a > b : a < b;
  }
  [[nodiscard]] bool is_wanted(std::string_view key) const {
    if (key < range_.begin || key >= range_.end) return false;
    if (left_out_ && !is_before(key, *left_out_)) return false;
    return !start_after_ || is_before(*start_after_, key);
  }

  const Target target_;
  const OpenItems open_items_;
  PastReader items_;
  const KeyRange range_;
  const bool reverse_;
  std::optional<std::string> start_after_;
  bool has_item_ = false;
  std::string collection_;           // the key prefix of the current one
  std::vector<IndexEntry> entries_;  // of it, in reading direction
  std::uint64_t entry_bytes_ = 0;
  std::optional<std::string> left_out_;  // the first key of the collection behind them
  std::size_t position_ = 0;
  Result<void> status_;
};

// The collections that a range of an index meets, as a range of its table; only those from `start_after` on.
Result<KeyRange> collections_of(const Target& target, const KeyRange& range, const ReadOptions& options) {
  const std::size_t parts = target.keys().partition_keys.size();
  const TableId table = target.table->id;
  if (range.begin.size() > kKeyPrefixBytes) {  // a Query, that is one collection
    ASSIGN_OR_RETURN(const std::size_t size, collection_bytes(range.begin, parts));
    std::string begin = moved_to(table, std::string_view(range.begin).substr(0, size));
    std::string end = prefix_end(begin);
    return KeyRange{std::move(begin), std::move(end)};
  }
  const bool ends_with_index = id_of(range.end) != target.id();
  KeyRange collections{moved_to(table, range.begin),
                       ends_with_index ? id_range(table).end : moved_to(table, range.end)};
  if (options.start_after && !options.reverse) {
    ASSIGN_OR_RETURN(const std::size_t size, collection_bytes(*options.start_after, parts));
    const std::string begin = moved_to(table, std::string_view(*options.start_after).substr(0, size));
    collections.begin = std::max(collections.begin, begin);
  }
  return collections;
}

class PastView final : public ReadView {
 public:
  PastView(const RocksStore& store, std::unique_ptr<RocksSnapshot> live, std::vector<PastTable> tables)
      : store_(store), live_(std::move(live)), tables_(std::move(tables)) {}

  Result<std::optional<StoredItem>> get(const Table& table, const model::Key& key) override {
    const PastTable& past = past_of(table);
    const std::string encoded = state_key(table.id, key);
    ASSIGN_OR_RETURN(auto change, past.history->first_change(encoded, past.time));
    std::string record;
    if (change) {
      if (change->image.empty()) return std::nullopt;
      record = std::move(change->image);
    } else {
      ASSIGN_OR_RETURN(const bool found, store_.get(wal::Space::kState, encoded, &record, live_.get()));
      if (!found) return std::nullopt;
    }
    ASSIGN_OR_RETURN(auto item, stored_item(std::move(record)));
    // Items of a bulk load leave no undo records, but they cannot be older than themselves.
    if (item.write_time > past.time) return std::nullopt;
    return item;
  }

  std::unique_ptr<Cursor> read(const Target& target, const KeyRange& range,
                               const ReadOptions& options) override {
    if (target.index == nullptr) {
      return std::make_unique<PastCursor>(items(*target.table, rest_of(range, options), options));
    }
    if (target.index->kind != model::IndexKind::kLocal) {
      return std::make_unique<FailedCursor>(
          Error::invalid_argument("a global secondary index has no past that could be read"));
    }
    auto collections = collections_of(target, range, options);
    if (!collections) return std::make_unique<FailedCursor>(std::move(collections).error());
    auto open_items = [this, table = target.table, options](KeyRange part) {
      return items(*table, std::move(part), options);
    };
    return std::make_unique<PastIndexCursor>(target, std::move(open_items), *std::move(collections), range,
                                             options);
  }

 private:
  [[nodiscard]] const PastTable& past_of(const Table& table) const {
    const auto found = std::find_if(tables_.begin(), tables_.end(),
                                    [&table](const PastTable& past) { return past.id == table.id; });
    INVARIANT(found != tables_.end());
    return *found;
  }

  [[nodiscard]] PastReader items(const Table& table, KeyRange range, const ReadOptions& options) const {
    if (range.end < range.begin) range.end = range.begin;
    const PastTable& past = past_of(table);
    const ReadDirection direction = options.reverse ? ReadDirection::kBackward : ReadDirection::kForward;
    auto live = store_.iterate(wal::Space::kState, range,
                               {.snapshot = live_.get(), .fill_cache = options.fill_cache});
    auto undo = past.history->read(range.begin, range.end, past.time, direction);
    return {past.time, std::move(live), std::move(undo), direction};
  }

  const RocksStore& store_;
  const std::unique_ptr<RocksSnapshot> live_;
  const std::vector<PastTable> tables_;
};

// A record says what was there before a change: the version that begins with it is in the record behind it,
// or in the live state.
class MergedItemHistory final : public ItemHistory {
 public:
  MergedItemHistory(const RocksStore& store, std::unique_ptr<RocksSnapshot> live,
                    std::shared_ptr<const HistoryPin> history, std::string state_key, Timestamp from)
      : store_(store),
        live_(std::move(live)),
        history_(std::move(history)),
        state_key_(std::move(state_key)),
        from_(from) {}

  Result<std::optional<ItemRevision>> next() override {
    if (is_over_) return std::nullopt;
    if (!change_) {
      ASSIGN_OR_RETURN(change_, history_->first_change(state_key_, from_));
      ASSIGN_OR_RETURN(auto first, first_revision());
      if (first) return first;
      if (is_over_) return std::nullopt;
    }
    ItemRevision revision{.time = change_->time, .origin = change_->origin, .item = {}};
    ASSIGN_OR_RETURN(auto next, history_->first_change(state_key_, change_->time));
    ASSIGN_OR_RETURN(revision.item, item_before(next));
    change_ = std::move(next);
    is_over_ = !change_;
    return revision;
  }

 private:
  // What was there when the history began, or came without a record, as bulk loads do.
  Result<std::optional<ItemRevision>> first_revision() {
    is_over_ = !change_;
    ASSIGN_OR_RETURN(auto item, item_before(change_));
    if (!item) return std::nullopt;
    const Timestamp time = item->write_time;
    return ItemRevision{.time = time, .origin = kUnknownOrigin, .item = std::move(item)};
  }

  Result<std::optional<StoredItem>> item_before(const std::optional<UndoRecord>& change) {
    std::string record;
    if (change) {
      record = change->image;
    } else {
      ASSIGN_OR_RETURN(const bool found, store_.get(wal::Space::kState, state_key_, &record, live_.get()));
      if (!found) return std::nullopt;
    }
    if (record.empty()) return std::nullopt;
    return stored_item(std::move(record));
  }

  const RocksStore& store_;
  const std::unique_ptr<RocksSnapshot> live_;
  const std::shared_ptr<const HistoryPin> history_;
  const std::string state_key_;
  const Timestamp from_;
  std::optional<UndoRecord> change_;  // begins the next revision; nothing before the first call
  bool is_over_ = false;
};

}  // namespace

std::unique_ptr<ItemHistory> make_item_history(const RocksStore& store, std::unique_ptr<RocksSnapshot> live,
                                               std::shared_ptr<const HistoryPin> history,
                                               std::string state_key, Timestamp from) {
  return std::make_unique<MergedItemHistory>(store, std::move(live), std::move(history), std::move(state_key),
                                             from);
}

std::unique_ptr<ReadView> make_view(const RocksStore& store) { return std::make_unique<LiveView>(store); }

std::unique_ptr<ReadView> make_late_view(const RocksStore& store, LateCopies& copies, Timestamp seen) {
  return std::make_unique<LateView>(store, copies, seen);
}

std::unique_ptr<Cursor> make_cursor_of_view(std::unique_ptr<ReadView> view, const Target& target,
                                            const KeyRange& range, const ReadOptions& options) {
  return std::make_unique<CursorOfView>(std::move(view), target, range, options);
}

std::unique_ptr<ReadView> make_past_view(const RocksStore& store, std::unique_ptr<RocksSnapshot> live,
                                         std::vector<PastTable> tables) {
  return std::make_unique<PastView>(store, std::move(live), std::move(tables));
}

}  // namespace tidemark::storage

#include "storage/store/range_cursor.h"

#include <algorithm>
#include <utility>

namespace tidemark::storage {
namespace {

// Ranges change while an iterator is opened only where many write at that moment.
constexpr int kAttempts = 8;

bool is_broken(const DeadRangePtr& range) { return !range->is_intact; }

}  // namespace

RangeCursor::RangeCursor(const RocksStore& store, wal::Space space, const KeyRange& range,
                         const ReadOptions& options, const RocksSnapshot* snapshot)
    : store_(store), space_(space), range_(range), reverse_(options.reverse) {
  if (range.begin >= range.end) return;  // RocksDB wants a lower bound below the upper one
  open(options, snapshot);
  seek_first(options);
}

// The order matters: see dead_ranges.h.
void RangeCursor::open(const ReadOptions& options, const RocksSnapshot* snapshot) {
  if (snapshot != nullptr) {  // what is dead by now may have lived then
    iterator_ = store_.iterate(space_, range_, {.snapshot = snapshot, .fill_cache = options.fill_cache});
    return;
  }
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    dead_ = store_.dead_ranges().overlapping(space_, range_);
    iterator_ = store_.iterate(space_, range_, {.fill_cache = options.fill_cache});
    if (std::none_of(dead_.begin(), dead_.end(), is_broken)) return;
  }
  std::erase_if(dead_, is_broken);
}

void RangeCursor::seek_first(const ReadOptions& options) {
  if (!options.start_after) {
    reverse_ ? seek_before(range_.end) : seek_at_or_behind(range_.begin);
    return;
  }
  reverse_ ? seek_before(std::min(*options.start_after, range_.end))
           : seek_at_or_behind(std::max(key_behind(*options.start_after), range_.begin));
}

void RangeCursor::step() {
  from_.assign(iterator_->key());
  if (reverse_ && dead_before(from_) != nullptr) return seek_before(from_);
  std::string behind;
  if (!reverse_ && !dead_.empty()) {
    behind = key_behind(from_);
    if (dead_at(behind) != nullptr) return seek_at_or_behind(std::move(behind));
  }
  const std::uint64_t skipped = RocksIterator::skipped_keys();
  reverse_ ? iterator_->previous() : iterator_->next();
  note_slow_move(from_, skipped);
}

void RangeCursor::seek_at_or_behind(std::string key) {
  while (const DeadRange* const dead = dead_at(key)) key = dead->keys.end;
  is_over_ = key >= range_.end;
  if (is_over_) return;
  const std::uint64_t skipped = RocksIterator::skipped_keys();
  iterator_->seek(key);
  note_slow_move(key, skipped);
}

void RangeCursor::seek_before(std::string key) {
  while (const DeadRange* const dead = dead_before(key)) key = dead->keys.begin;
  is_over_ = key <= range_.begin;
  if (is_over_) return;
  const std::uint64_t skipped = RocksIterator::skipped_keys();
  key == range_.end ? iterator_->seek_to_last() : iterator_->seek_for_previous(key);
  if (iterator_->valid() && iterator_->key() == key) iterator_->previous();
  note_slow_move(key, skipped);
}

void RangeCursor::note_slow_move(std::string_view from, std::uint64_t skipped_before) {
  if (RocksIterator::skipped_keys() - skipped_before < kDeadKeysNoted) return;
  KeyRange slow = range_;
  (reverse_ ? slow.end : slow.begin).assign(from);
  store_.dead_ranges().report({space_, std::move(slow), reverse_});
}

const DeadRange* RangeCursor::dead_at(std::string_view key) const {
  const auto behind = std::upper_bound(
      dead_.begin(), dead_.end(), key,
      [](std::string_view wanted, const DeadRangePtr& range) { return wanted < range->keys.begin; });
  if (behind == dead_.begin()) return nullptr;
  const DeadRange& dead = **(behind - 1);
  return key < dead.keys.end ? &dead : nullptr;
}

const DeadRange* RangeCursor::dead_before(std::string_view key) const {
  const auto behind = std::lower_bound(
      dead_.begin(), dead_.end(), key,
      [](const DeadRangePtr& range, std::string_view wanted) { return range->keys.begin < wanted; });
  if (behind == dead_.begin()) return nullptr;
  const DeadRange& dead = **(behind - 1);
  return key <= dead.keys.end ? &dead : nullptr;
}

bool RangeCursor::next() {
  if (!iterator_ || !failure_ || is_over_) return false;
  if (started_) {
    if (!iterator_->valid()) return false;
    step();
  }
  started_ = true;
  if (is_over_ || !iterator_->valid()) return false;
  auto stored = parse_stored(iterator_->value());
  if (!stored) {
    failure_ = fail(std::move(stored).error());
    return false;
  }
  current_ = *stored;
  return true;
}

Result<void> RangeCursor::status() const {
  if (!failure_ || !iterator_) return failure_;
  return iterator_->status();
}

}  // namespace tidemark::storage

#include "storage/store/range_cursor.h"

namespace tidemark::storage {

RangeCursor::RangeCursor(const RocksStore& store, wal::Space space, const KeyRange& range,
                         const ReadOptions& options)
    : reverse_(options.reverse) {
  if (range.begin >= range.end) return;  // RocksDB wants a lower bound below the upper one
  iterator_ = store.iterate(space, range, {.fill_cache = options.fill_cache});
  seek_first(options);
}

void RangeCursor::seek_first(const ReadOptions& options) {
  if (!options.start_after) {
    reverse_ ? iterator_->seek_to_last() : iterator_->seek_to_first();
    return;
  }
  const std::string& position = *options.start_after;
  reverse_ ? iterator_->seek_for_previous(position) : iterator_->seek(position);
  if (iterator_->valid() && iterator_->key() == position) step();
}

bool RangeCursor::next() {
  if (!iterator_ || !failure_) return false;
  if (started_) {
    if (!iterator_->valid()) return false;
    step();
  }
  started_ = true;
  if (!iterator_->valid()) return false;
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

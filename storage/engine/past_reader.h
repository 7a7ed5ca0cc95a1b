// One range of a table as it was at a moment: the live items of a snapshot, and where an item changed between
// the moment and the snapshot, what it was before its first change.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "storage/history/pin.h"
#include "storage/store/item_codec.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {

// Not thread-safe.
class PastReader {
 public:
  // Both go over the same range in the same direction and stand nowhere yet. `undo` is null when nothing but
  // the live state is to be read.
  PastReader(Timestamp time, std::unique_ptr<RocksIterator> live, std::unique_ptr<UndoReader> undo,
             ReadDirection direction)
      : time_(time), live_(std::move(live)), undo_(std::move(undo)), direction_(direction) {}

  // False at the end, or on an error: see status().
  bool next();
  // Valid until next().
  [[nodiscard]] std::string_view state_key() const { return on_undo_ ? undo_->state_key() : live_->key(); }
  [[nodiscard]] const StoredView& item() const { return item_; }
  [[nodiscard]] const Result<void>& status() const { return status_; }

 private:
  // Moves on from the key that load_item() looked at.
  void leave_item();
  bool check_status();
  void keep_error(Result<void> result);
  // Looks at the next key; false when there was no item under it, or on an error.
  bool load_item();

  Timestamp time_;
  std::unique_ptr<RocksIterator> live_;
  std::unique_ptr<UndoReader> undo_;
  ReadDirection direction_;
  bool started_ = false;
  bool undo_valid_ = false;
  // Which of the two stand on the current key.
  bool on_live_ = false;
  bool on_undo_ = false;
  StoredView item_;
  Result<void> status_;
};

}  // namespace tidemark::storage

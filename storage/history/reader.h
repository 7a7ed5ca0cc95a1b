// The undo records of many runs, merged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/history/cursor.h"
#include "storage/history/pin.h"

namespace tidemark::storage {

// All records of several cursors in order of (state key, time), equal ones in the order of the cursors. Not
// thread-safe.
class HistoryMerge {
 public:
  // Takes cursors that stand on their first record or are at their end.
  explicit HistoryMerge(HistoryCursors cursors);

  [[nodiscard]] bool valid() const { return !heap_.empty(); }
  // The cursor with the smallest record. Needs valid(). Call moved() after moving it.
  [[nodiscard]] HistoryCursor& smallest() const { return *heap_.front().cursor; }
  void moved();
  // How the first cursor failed, if one did.
  [[nodiscard]] const Result<void>& status() const { return status_; }

 private:
  // A cursor with where it stands, so that comparing needs no calls.
  struct Source {
    HistoryCursor* cursor;
    std::string_view state_key;
    Timestamp time;
    std::size_t order = 0;
  };
  void sift_down(std::size_t position);

  HistoryCursors cursors_;
  std::vector<Source> heap_;  // binary, the smallest in front
  Result<void> status_;
};

// Moves on to the next record with a time above `after`, starting with the one the cursor stands on.
// `scratch` is overwritten.
void skip_to_after(HistoryCursor& cursor, Timestamp after, std::string* scratch);
// To the first record of the key behind `state_key`, which must not be a view of the cursor's.
void skip_key(HistoryCursor& cursor, std::string_view state_key);

// The first record of each key after a moment: see UndoReader.
std::unique_ptr<UndoReader> make_undo_reader(HistoryCursors cursors, Timestamp after,
                                             ReadDirection direction);
// One that fails at once.
std::unique_ptr<UndoReader> make_failed_undo_reader(Error error);

}  // namespace tidemark::storage

// The keys that changed in a window of time, found in the runs alone.
//
// Runs that touch the window are walked; those behind it are only asked, by a seek, for the keys that were
// found.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/history/cursor.h"
#include "storage/history/pin.h"

namespace tidemark::storage {

// A run all of whose records are behind the window.
struct LaterRun {
  Timestamp first_time;
  // Called at most once, when the run is needed. The cursor is asked for whole keys alone, by seek(), and may
  // find nothing where it has none of a key.
  std::function<Result<std::unique_ptr<HistoryCursor>>()> open;
};

// Commits behind `from`, up to and at `to`. `in_window` has every run with such a record, in any order, and
// `later` all other runs with younger ones. Runs may overlap in time.
std::unique_ptr<ChangedKeyReader> make_changed_key_reader(HistoryCursors in_window,
                                                          std::vector<LaterRun> later, Timestamp from,
                                                          Timestamp to);

}  // namespace tidemark::storage

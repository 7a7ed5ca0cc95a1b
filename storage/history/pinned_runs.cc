#include "storage/history/pinned_runs.h"

#include <algorithm>
#include <utility>

#include "storage/history/change_reader.h"
#include "storage/history/reader.h"
#include "storage/store/keys.h"

namespace tidemark::storage {

PinnedRuns::PinnedRuns(TableId table, std::vector<std::shared_ptr<HistorySealedRun>> sealed,
                       std::vector<HistoryMemoryRun::View> memory, Timestamp exact_from,
                       Timestamp complete_from)
    : table_range_(id_range(table)),
      sealed_(std::move(sealed)),
      memory_(std::move(memory)),
      exact_from_(exact_from),
      complete_from_(complete_from) {}

std::unique_ptr<UndoReader> PinnedRuns::read(std::string begin, std::string end, Timestamp after) const {
  const KeyRange range{std::move(begin), std::move(end)};
  HistoryCursors cursors;
  for (const auto& run : sealed_) {
    if (run->info().last_time <= after) continue;
    auto cursor = run->cursor(range);
    if (!cursor) return make_failed_undo_reader(std::move(cursor).error());
    cursors.push_back(std::move(*cursor));
  }
  if (!sorted().empty()) cursors.push_back(memory_cursor(sorted(), range));
  return make_undo_reader(std::move(cursors), after);
}

Result<std::unique_ptr<ChangedKeyReader>> PinnedRuns::read_changes(const std::string& begin,
                                                                   const std::string& end, Timestamp from,
                                                                   Timestamp to) const {
  const KeyRange range{begin, end};
  HistoryCursors in_window;
  std::vector<LaterRun> later;
  for (const auto& run : sealed_) {
    if (run->info().last_time <= from) continue;
    if (run->info().first_time > to) {
      later.push_back({run->info().first_time, [&run, range] { return run->cursor(range); }});
      continue;
    }
    ASSIGN_OR_RETURN(auto cursor, run->cursor(range));
    in_window.push_back(std::move(cursor));
  }
  if (!sorted().empty()) {
    Timestamp first_time = kEndOfTime;
    for (const auto& view : memory_) first_time = std::min(first_time, view.first_time());
    if (first_time > to) {
      later.push_back({first_time, [this, range]() -> Result<std::unique_ptr<HistoryCursor>> {
                         return memory_cursor(sorted(), range);
                       }});
    } else {
      in_window.push_back(memory_cursor(sorted(), range));
    }
  }
  return make_changed_key_reader(std::move(in_window), std::move(later), from, to);
}

const SortedHistoryEntries& PinnedRuns::sorted() const {
  std::call_once(sort_once_, [&] { sorted_ = sorted_entries(memory_, table_range_); });
  return sorted_;
}

}  // namespace tidemark::storage

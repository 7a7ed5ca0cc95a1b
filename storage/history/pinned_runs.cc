#include "storage/history/pinned_runs.h"

#include <utility>

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
  std::call_once(sort_once_, [&] { sorted_ = sorted_entries(memory_, table_range_); });
  const KeyRange range{std::move(begin), std::move(end)};
  HistoryCursors cursors;
  for (const auto& run : sealed_) {
    if (run->info().last_time <= after) continue;
    auto cursor = run->cursor(range);
    if (!cursor) return make_failed_undo_reader(std::move(cursor).error());
    cursors.push_back(std::move(*cursor));
  }
  if (!sorted_.empty()) cursors.push_back(memory_cursor(sorted_, range));
  return make_undo_reader(std::move(cursors), after);
}

}  // namespace tidemark::storage

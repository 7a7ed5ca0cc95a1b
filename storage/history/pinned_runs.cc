#include "storage/history/pinned_runs.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "storage/history/change_reader.h"
#include "storage/history/reader.h"
#include "storage/store/keys.h"

namespace tidemark::storage {

PinnedRuns::PinnedRuns(std::vector<std::shared_ptr<HistorySealedRun>> sealed,
                       std::vector<HistoryMemoryRun::View> memory, Timestamp exact_from,
                       Timestamp complete_from)
    : sealed_(std::move(sealed)),
      memory_(std::move(memory)),
      exact_from_(exact_from),
      complete_from_(complete_from) {}

// What came into a memory run after the pin may be among it. It harms nobody: where the first record of a key
// after a moment is such a one, its image is what the pinned live state has.
Result<HistoryCursors> PinnedRuns::cursors(const KeyRange& range, Timestamp after) const {
  HistoryCursors cursors;
  for (const auto& run : sealed_) {
    if (run->info().last_time <= after) continue;
    ASSIGN_OR_RETURN(auto cursor, run->cursor(range));
    cursors.push_back(std::move(cursor));
  }
  for (const auto& view : memory_) {
    if (view.last_time() > after) view.append_cursors(range, &cursors);
  }
  return cursors;
}

std::unique_ptr<UndoReader> PinnedRuns::read(std::string begin, std::string end, Timestamp after,
                                             ReadDirection direction) const {
  auto sources = cursors({std::move(begin), std::move(end)}, after);
  if (!sources) return make_failed_undo_reader(std::move(sources).error());
  return make_undo_reader(*std::move(sources), after, direction);
}

Result<std::optional<UndoRecord>> PinnedRuns::first_change(std::string_view state_key,
                                                           Timestamp after) const {
  // What is found in an old run needs no look into younger ones.
  std::vector<const HistorySealedRun*> runs;
  for (const auto& run : sealed_) {
    if (run->info().last_time > after) runs.push_back(run.get());
  }
  std::ranges::sort(runs, {}, [](const HistorySealedRun* run) { return run->info().first_time; });

  std::unique_ptr<HistoryCursor> first;  // on the earliest record that was found
  const auto is_behind = [&first](Timestamp time) { return first != nullptr && time >= first->time(); };
  const auto look = [&](std::unique_ptr<HistoryCursor> cursor) -> Result<void> {
    cursor->seek(state_key, after.plus_micros(1));
    if (!cursor->valid()) return cursor->status();
    if (cursor->state_key() == state_key && !is_behind(cursor->time())) first = std::move(cursor);
    return {};
  };
  for (const HistorySealedRun* run : runs) {
    if (is_behind(run->info().first_time)) break;
    ASSIGN_OR_RETURN(auto cursor, run->lookup_cursor());
    RETURN_IF_ERROR(look(std::move(cursor)));
  }
  const KeyRange range{std::string(state_key), prefix_end(state_key)};
  for (const auto& view : memory_) {
    if (view.last_time() <= after || is_behind(view.first_time())) continue;
    HistoryCursors pieces;
    view.append_cursors(range, &pieces);
    for (auto& piece : pieces) RETURN_IF_ERROR(look(std::move(piece)));
  }
  if (first == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(const std::string_view image, first->image());
  return UndoRecord{.time = first->time(), .origin = first->origin(), .image = std::string(image)};
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
      later.push_back({run->info().first_time, [&run] { return run->lookup_cursor(); }});
      continue;
    }
    ASSIGN_OR_RETURN(auto cursor, run->cursor(range));
    in_window.push_back(std::move(cursor));
  }
  for (const auto& view : memory_) {
    if (view.last_time() <= from) continue;
    if (view.first_time() <= to) {
      view.append_cursors(range, &in_window);
      continue;
    }
    HistoryCursors pieces;
    view.append_cursors(range, &pieces);
    for (auto& piece : pieces) {
      const auto cursor = std::make_shared<std::unique_ptr<HistoryCursor>>(std::move(piece));
      later.push_back({view.first_time(),
                       [cursor]() -> Result<std::unique_ptr<HistoryCursor>> { return std::move(*cursor); }});
    }
  }
  return make_changed_key_reader(std::move(in_window), std::move(later), from, to);
}

}  // namespace tidemark::storage

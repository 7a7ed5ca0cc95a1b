// The runs that a pin holds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/history/cursor.h"
#include "storage/history/memory_run.h"
#include "storage/history/pin.h"
#include "storage/history/sealed_run.h"

namespace tidemark::storage {

class PinnedRuns final : public HistoryPin {
 public:
  PinnedRuns(std::vector<std::shared_ptr<HistorySealedRun>> sealed,
             std::vector<HistoryMemoryRun::View> memory, Timestamp exact_from, Timestamp complete_from);

  using HistoryPin::read;
  [[nodiscard]] std::unique_ptr<UndoReader> read(std::string begin, std::string end, Timestamp after,
                                                 ReadDirection direction) const override;
  [[nodiscard]] Result<std::optional<UndoRecord>> first_change(std::string_view state_key,
                                                               Timestamp after) const override;
  [[nodiscard]] Result<std::unique_ptr<ChangedKeyReader>> read_changes(const std::string& begin,
                                                                       const std::string& end, Timestamp from,
                                                                       Timestamp to) const override;
  [[nodiscard]] Timestamp exact_from() const override { return exact_from_; }
  [[nodiscard]] Timestamp complete_from() const override { return complete_from_; }

 private:
  // Over the records in `range` of the runs that have any above `after`, the oldest run first.
  [[nodiscard]] Result<HistoryCursors> cursors(const KeyRange& range, Timestamp after) const;

  const std::vector<std::shared_ptr<HistorySealedRun>> sealed_;
  const std::vector<HistoryMemoryRun::View> memory_;
  const Timestamp exact_from_;
  const Timestamp complete_from_;
};

}  // namespace tidemark::storage

// The runs that a pin holds.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/history/memory_run.h"
#include "storage/history/pin.h"
#include "storage/history/sealed_run.h"

namespace tidemark::storage {

class PinnedRuns final : public HistoryPin {
 public:
  PinnedRuns(TableId table, std::vector<std::shared_ptr<HistorySealedRun>> sealed,
             std::vector<HistoryMemoryRun::View> memory, Timestamp exact_from, Timestamp complete_from);

  [[nodiscard]] std::unique_ptr<UndoReader> read(std::string begin, std::string end,
                                                 Timestamp after) const override;
  [[nodiscard]] Result<std::unique_ptr<ChangedKeyReader>> read_changes(const std::string& begin,
                                                                       const std::string& end, Timestamp from,
                                                                       Timestamp to) const override;
  [[nodiscard]] Timestamp exact_from() const override { return exact_from_; }
  [[nodiscard]] Timestamp complete_from() const override { return complete_from_; }

 private:
  const SortedHistoryEntries& sorted() const;

  const KeyRange table_range_;
  const std::vector<std::shared_ptr<HistorySealedRun>> sealed_;
  const std::vector<HistoryMemoryRun::View> memory_;
  const Timestamp exact_from_;
  const Timestamp complete_from_;
  // The table's part of the memory runs, sorted when first needed: pinning itself must be quick.
  mutable std::once_flag sort_once_;
  mutable SortedHistoryEntries sorted_;
};

}  // namespace tidemark::storage

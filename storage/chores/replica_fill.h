// Puts the items of a global table into the replicas that were added to it.
//
// Writes go to all replicas from the moment at which they belong together. What was there before is walked
// through, replica by replica: under the lock that all copies of an item share, those that lack it get it.
// Copies that differ, as when tables were written to while they were united, become what was written last.
//
// A replica that was made for the purpose is ACTIVE when it has everything, and its stream begins there.
#pragma once

#include <vector>

#include "storage/chores/backfill.h"

namespace tidemark::storage {

class ReplicaFill final : public BackfillKind {
 public:
  explicit ReplicaFill(const BackfillParts& parts) : parts_(parts) {}

  [[nodiscard]] const Traits& traits() const override;
  [[nodiscard]] bool is_wanted(const Table& table) const override;
  [[nodiscard]] std::vector<TableId> sources(const Table& table) const override;
  [[nodiscard]] bool is_source(const Table& source) const override;
  Result<Missing> missing(const TablePtr& source, const std::vector<ItemRef>& items,
                          Transaction* transaction) const override;
  Result<void> note_filled(const Table& table) override;

 private:
  // Makes the copies of an item, which must be locked, alike.
  Result<void> append_missing(const TablePtr& source, const std::vector<TablePtr>& peers,
                              const model::Key& key, std::vector<OwnedWrite>* writes) const;

  const BackfillParts parts_;
};

}  // namespace tidemark::storage

// Puts the items of a table into a global or vector index that was added to it.
//
// Writes keep the new index from the moment at which it is there. What they find of an item depends on
// whether this chore has come by, so that both look, under the item's lock, which entries there are
// (commit/index_writer.h): each entry is put, and counted, once.
//
// Items that do not fit the index's key or vector, or lack a part of it, are left out, as DynamoDB does.
// Source: DynamoDB developer guide, "Managing global secondary indexes".
#pragma once

#include <vector>

#include "storage/chores/backfill.h"

namespace tidemark::storage {

class IndexBackfill final : public BackfillKind {
 public:
  explicit IndexBackfill(const BackfillParts& parts) : parts_(parts) {}

  [[nodiscard]] const Traits& traits() const override;
  [[nodiscard]] bool is_wanted(const Table& table) const override;
  [[nodiscard]] std::vector<TableId> sources(const Table& table) const override { return {table.id}; }
  [[nodiscard]] bool is_source(const Table& /*source*/) const override { return true; }
  Result<Missing> missing(const TablePtr& source, const std::vector<ItemRef>& items,
                          Transaction* transaction) const override;
  Result<void> note_filled(const Table& table) override;

 private:
  const BackfillParts parts_;
};

}  // namespace tidemark::storage

#include "storage/chores/index_backfill.h"

#include <string>
#include <utility>

#include "storage/commit/index_writer.h"

namespace tidemark::storage {
namespace {

constexpr BackfillKind::Traits kTraits{
    .thread_name = "backfill",
    .origin = wal::Origin::kBackfill,
    .waits_for_space = "an index stays CREATING until there is space",
    .failed = "an index stays CREATING until the next change of a table or start",
};

bool is_incomplete(const model::IndexSchema& index) {
  return index.backfilling && index.status == model::IndexStatus::kCreating;
}

std::vector<TableId> incomplete_indexes(const Table& table) {
  std::vector<TableId> ids;
  for (const model::IndexSchema& index : table.schema.indexes) {
    if (is_incomplete(index)) ids.push_back(index.id);
  }
  return ids;
}

}  // namespace

const BackfillKind::Traits& IndexBackfill::traits() const { return kTraits; }

// As the service does it, an index is filled once the table is ACTIVE again. What is begun goes on whatever
// becomes of the table meanwhile: no item may be passed over.
bool IndexBackfill::is_wanted(const Table& table) const {
  return table.schema.status == model::TableStatus::kActive && !incomplete_indexes(table).empty();
}

Result<BackfillKind::Missing> IndexBackfill::missing(const TablePtr& source,
                                                     const std::vector<ItemRef>& items,
                                                     Transaction* transaction) const {
  std::vector<OwnedWrite> writes;
  std::string ignored;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ASSIGN_OR_RETURN(const auto item, transaction->read(i));
    if (!item) continue;
    const ItemImage image{item->text(), item->size_bytes};
    for (const model::IndexSchema& index : source->schema.indexes) {
      if (!is_incomplete(index)) continue;
      auto entry = index_entry(*source, index, items[i].key, image);
      if (!entry) continue;
      ASSIGN_OR_RETURN(const bool is_there, parts_.store->get(wal::Space::kIndex, entry->key, &ignored));
      if (is_there) continue;
      OwnedWrite& write = writes.emplace_back(put_entry(*std::move(entry)));
      // Refused when the index is gone: nobody would ever remove the entry.
      write.table = source.get();
    }
  }
  return Missing{.writes = std::move(writes)};
}

Result<void> IndexBackfill::note_filled(const Table& table) {
  for (const TableId index : incomplete_indexes(table)) {
    const auto shown = parts_.engine->table_states().index_filled(table.id, index);
    if (!shown && shown.error().code != ErrorCode::kNotFound) return fail(shown.error());
  }
  return {};
}

}  // namespace tidemark::storage

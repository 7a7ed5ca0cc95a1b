#include "storage/chores/index_backfill.h"

#include <utility>

#include "base/log.h"
#include "model/key.h"
#include "storage/commit/index_writer.h"

namespace tidemark::storage {
namespace {

constexpr int kNice = 5;
// So many items are locked at a time: whoever writes one of them waits for their entries.
constexpr ItemWalk::Limits kLockedAtOnce{.items = 64, .bytes = 1U << 20};

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

IndexBackfill::IndexBackfill(const Parts& parts)
    : parts_(parts), worker_("backfill", kNice, [this](const std::stop_token& stop) { run(stop); }) {}

void IndexBackfill::run(const std::stop_token& stop) {
  Result<void> done;
  for (const TablePtr& table : parts_.engine->catalog().all()) {
    if (stop.stop_requested()) return;
    // As the service does it, an index is filled once the table is ACTIVE again. What is begun goes on
    // whatever becomes of the table meanwhile: no item may be passed over.
    if (table->schema.status != model::TableStatus::kActive || incomplete_indexes(*table).empty()) continue;
    auto filled = fill(*table, stop);
    if (done) done = std::move(filled);
  }
  const bool is_full = !done && done.error().code == ErrorCode::kNoSpace;
  if (!done && !is_failing_) {
    log::error(is_full ? "an index stays CREATING until there is space"
                       : "an index stays CREATING until the next change of a table or start",
               {{"error", done.error().message}});
  }
  is_failing_ = !done;
  waits_for_space_ = is_full;
}

Result<void> IndexBackfill::fill(const Table& table, const std::stop_token& stop) {
  const std::vector<TableId> wanted = incomplete_indexes(table);
  ItemWalk walk(*parts_.store, table.id, kLockedAtOnce);
  while (!walk.is_over()) {
    if (stop.stop_requested()) return {};
    const TablePtr now = parts_.engine->catalog().find(table.id);
    if (!now) return {};
    auto filled = fill_some(now, &walk);
    if (filled) continue;
    if (filled.error().code == ErrorCode::kNotFound) return {};
    // The table was changed: the same items once more.
    if (filled.error().code != ErrorCode::kConflict) return filled;
  }
  for (const TableId index : wanted) {
    const auto shown = parts_.engine->table_states().index_filled(table.id, index);
    if (!shown && shown.error().code != ErrorCode::kNotFound) return fail(shown.error());
  }
  return {};
}

Result<void> IndexBackfill::fill_some(const TablePtr& table, ItemWalk* walk) {
  std::vector<ItemRef> items;
  RETURN_IF_ERROR(walk->step([&](const StoredView& stored) -> Result<void> {
    auto key = model::key_of(table->schema.keys, stored.text);
    if (!key) return fail(Error::corruption("a stored item has no key"));
    items.push_back({table, *std::move(key)});
    return {};
  }));
  if (!items.empty()) {
    const auto transaction = parts_.engine->begin(wal::Origin::kBackfill);
    RETURN_IF_ERROR(transaction->lock(items));
    Commit commit;
    commit.origin = wal::Origin::kBackfill;
    ASSIGN_OR_RETURN(commit.writes, missing_entries(*table, items, transaction.get()));
    if (!commit.writes.empty()) RETURN_IF_ERROR(parts_.committer->commit(&commit));
  }
  walk->pass();
  return {};
}

Result<std::vector<OwnedWrite>> IndexBackfill::missing_entries(const Table& table,
                                                               const std::vector<ItemRef>& items,
                                                               Transaction* transaction) const {
  std::vector<OwnedWrite> writes;
  std::string ignored;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ASSIGN_OR_RETURN(const auto item, transaction->read(i));
    if (!item) continue;
    const ItemImage image{item->text(), item->size_bytes};
    for (const model::IndexSchema& index : table.schema.indexes) {
      if (!is_incomplete(index)) continue;
      auto entry = index_entry(table, index, items[i].key, image);
      if (!entry) continue;
      ASSIGN_OR_RETURN(const bool is_there, parts_.store->get(wal::Space::kIndex, entry->key, &ignored));
      if (is_there) continue;
      OwnedWrite& write = writes.emplace_back(put_entry(*std::move(entry)));
      // Refused when the index is gone: nobody would ever remove the entry.
      write.table = &table;
    }
  }
  return writes;
}

}  // namespace tidemark::storage

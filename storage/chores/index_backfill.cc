#include "storage/chores/index_backfill.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "model/key.h"
#include "storage/commit/index_writer.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr int kNice = 5;
// So many items are locked at a time: whoever writes one of them waits for their entries.
constexpr std::size_t kItemsMax = 64;
constexpr std::size_t kBytesMax = 1U << 20;
constexpr std::uint64_t kReadaheadBytes = 256U << 10;

// An index that waits for its entries; not while the table is UPDATING, as the service does it.
bool waits(const Table& table, const model::IndexSchema& index) {
  return index.backfilling && index.status == model::IndexStatus::kCreating &&
         table.schema.status == model::TableStatus::kActive;
}

std::vector<TableId> waiting_indexes(const Table& table) {
  std::vector<TableId> ids;
  for (const model::IndexSchema& index : table.schema.indexes) {
    if (waits(table, index)) ids.push_back(index.id);
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
    if (waiting_indexes(*table).empty()) continue;
    auto filled = fill(*table, stop);
    if (done) done = std::move(filled);
  }
  if (!done && !is_failing_) {
    log::error("an index stays CREATING until the next change of a table or start",
               {{"error", done.error().message}});
  }
  is_failing_ = !done;
}

Result<void> IndexBackfill::fill(const Table& table, const std::stop_token& stop) {
  const std::vector<TableId> wanted = waiting_indexes(table);
  std::string after;
  do {
    if (stop.stop_requested()) return {};
    const TablePtr now = parts_.engine->catalog().find(table.id);
    if (!now) return {};
    auto filled = fill_some(now, &after);
    if (filled) continue;
    if (filled.error().code == ErrorCode::kNotFound) return {};
    // The table was changed: the same items once more.
    if (filled.error().code != ErrorCode::kConflict) return filled;
    if (after.empty()) after = id_range(table.id).begin;
  } while (!after.empty());
  for (const TableId index : wanted) {
    const auto shown = parts_.engine->table_states().index_filled(table.id, index);
    if (!shown && shown.error().code != ErrorCode::kNotFound) return fail(shown.error());
  }
  return {};
}

Result<void> IndexBackfill::fill_some(const TablePtr& table, std::string* after) {
  KeyRange range = id_range(table->id);
  if (!after->empty()) range.begin = *after + '\0';
  std::vector<ItemRef> items;
  std::string last;
  {
    const auto records = parts_.store->iterate(wal::Space::kState, std::move(range),
                                               {.fill_cache = false, .readahead_bytes = kReadaheadBytes});
    std::size_t bytes = 0;
    for (records->seek_to_first(); records->valid(); records->next()) {
      if (items.size() == kItemsMax || bytes >= kBytesMax) break;
      ASSIGN_OR_RETURN(const StoredView stored, parse_stored(records->value()));
      auto key = model::key_of(table->schema.keys, stored.text);
      if (!key) return fail(Error::corruption("a stored item has no key"));
      items.push_back({table, *std::move(key)});
      bytes += records->value().size();
      last = records->key();
    }
    RETURN_IF_ERROR(records->status());
    if (!records->valid()) last.clear();
  }
  if (!items.empty()) {
    const auto transaction = parts_.engine->begin(wal::Origin::kBackfill);
    RETURN_IF_ERROR(transaction->lock(items));
    Commit commit;
    commit.origin = wal::Origin::kBackfill;
    ASSIGN_OR_RETURN(commit.writes, missing_entries(*table, items, transaction.get()));
    if (!commit.writes.empty()) RETURN_IF_ERROR(parts_.committer->commit(&commit));
  }
  *after = std::move(last);
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
      if (!waits(table, index)) continue;
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

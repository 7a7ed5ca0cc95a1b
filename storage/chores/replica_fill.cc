#include "storage/chores/replica_fill.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/commit/item_writes.h"
#include "storage/replicas.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr BackfillKind::Traits kTraits{
    .thread_name = "replicas",
    .origin = wal::Origin::kReplication,
    .waits_for_space = "a replica stays CREATING until there is space",
    .failed = "a replica stays CREATING until the next one is made or the next start",
};

// One table's copy of an item.
struct Copy {
  TablePtr table;
  std::string state_key;
  std::optional<StoredItem> item;
};

const StoredItem* newest_of(const std::vector<Copy>& copies) {
  const StoredItem* newest = nullptr;
  for (const Copy& copy : copies) {
    if (copy.item && (newest == nullptr || copy.item->write_time > newest->write_time)) newest = &*copy.item;
  }
  return newest;
}

}  // namespace

const BackfillKind::Traits& ReplicaFill::traits() const { return kTraits; }

bool ReplicaFill::is_wanted(const Table& table) const { return is_filling(table); }

std::vector<TableId> ReplicaFill::sources(const Table& table) const {
  std::vector<TableId> ids;
  for (const TablePtr& source : replicas_of(parts_.engine->catalog(), table)) {
    // What a table has that is being made, others have, too.
    const bool is_new = source->schema.status == model::TableStatus::kCreating;
    if (source->id != table.id && !is_new) ids.push_back(source->id);
  }
  return ids;
}

// One that was left alone: the replicas have everything that it had.
bool ReplicaFill::is_source(const Table& source) const { return source.replica.has_value(); }

Result<BackfillKind::Missing> ReplicaFill::missing(const TablePtr& source, const std::vector<ItemRef>& items,
                                                   Transaction* /*transaction*/) const {
  ReplicaGroups::Peers peers = parts_.committer->replica_groups().peers_of(*source);
  std::vector<OwnedWrite> writes;
  for (const ItemRef& item : items) {
    RETURN_IF_ERROR(append_missing(source, peers.tables, item.key, &writes));
  }
  return Missing{
      .writes = std::move(writes), .replica_epoch = peers.epoch, .tables = std::move(peers.tables)};
}

Result<void> ReplicaFill::note_filled(const Table& table) {
  auto shown = parts_.engine->table_states().replica_filled(table.id);
  const bool is_gone = !shown && shown.error().code == ErrorCode::kNotFound;
  return is_gone ? Result<void>{} : shown;
}

Result<void> ReplicaFill::append_missing(const TablePtr& source, const std::vector<TablePtr>& peers,
                                         const model::Key& key, std::vector<OwnedWrite>* writes) const {
  std::vector<Copy> copies;
  copies.push_back({.table = source, .state_key = {}, .item = {}});
  for (const TablePtr& peer : peers) copies.push_back({.table = peer, .state_key = {}, .item = {}});
  for (Copy& copy : copies) {
    copy.state_key = state_key(copy.table->id, key);
    ASSIGN_OR_RETURN(copy.item, read_copy(*parts_.store, copy.state_key));
  }
  const StoredItem* const newest = newest_of(copies);
  // Deleted meanwhile, from all of them.
  if (newest == nullptr) return {};
  const std::optional<model::Item> wanted =
      model::Item{.text = std::string(newest->text()), .size_bytes = newest->size_bytes};
  Result<void> looked_up;
  const auto has_entry = [&](std::string_view entry) {
    std::string ignored;
    const auto found = parts_.store->get(wal::Space::kIndex, entry, &ignored);
    if (!found) looked_up = fail(found.error());
    return found && *found;
  };
  std::vector<IndexEffect> ignored;
  for (const Copy& copy : copies) {
    if (copy.item && copy.item->text() == wanted->text) continue;
    append_item_writes({.table = *copy.table,
                        .key = key,
                        .state_key = copy.state_key,
                        .old_item = copy.item,
                        .old_size = size_of(copy.item),
                        .is_replicated = true},
                       wanted, OldValue::kKept, has_entry, writes, &ignored);
  }
  return looked_up;
}

}  // namespace tidemark::storage

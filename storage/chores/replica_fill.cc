#include "storage/chores/replica_fill.h"

#include <utility>

#include "base/log.h"
#include "model/key.h"
#include "storage/commit/item_writes.h"
#include "storage/replicas.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr int kNice = 5;
// So many items are locked at a time: whoever writes one of them waits for their copies.
constexpr ItemWalk::Limits kLockedAtOnce{.items = 64, .bytes = 1U << 20};

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

bool is_gone(const Result<void>& result) { return !result && result.error().code == ErrorCode::kNotFound; }

}  // namespace

ReplicaFill::ReplicaFill(const Parts& parts)
    : parts_(parts), worker_("replicas", kNice, [this](const std::stop_token& stop) { run(stop); }) {}

void ReplicaFill::run(const std::stop_token& stop) {
  Result<void> done;
  for (const TablePtr& table : parts_.engine->catalog().all()) {
    if (stop.stop_requested()) return;
    if (!is_filling(*table)) continue;
    auto filled = fill(*table, stop);
    if (done) done = std::move(filled);
  }
  const bool is_full = !done && done.error().code == ErrorCode::kNoSpace;
  if (!done && !is_failing_) {
    log::error(is_full ? "a replica stays CREATING until there is space"
                       : "a replica stays CREATING until the next one is made or the next start",
               {{"error", done.error().message}});
  }
  is_failing_ = !done;
  waits_for_space_ = is_full;
}

Result<void> ReplicaFill::fill(const Table& replica, const std::stop_token& stop) {
  for (const TablePtr& source : replicas_of(parts_.engine->catalog(), replica)) {
    // What a table has that is being made, others have, too.
    const bool is_new = source->schema.status == model::TableStatus::kCreating;
    if (source->id != replica.id && !is_new) RETURN_IF_ERROR(walk_through(*source, stop));
    if (stop.stop_requested()) return {};
  }
  auto shown = parts_.engine->table_states().replica_filled(replica.id);
  return is_gone(shown) ? Result<void>{} : shown;
}

Result<void> ReplicaFill::walk_through(const Table& source, const std::stop_token& stop) {
  ItemWalk walk(*parts_.store, source.id, kLockedAtOnce);
  while (!walk.is_over()) {
    if (stop.stop_requested()) return {};
    const TablePtr now = parts_.engine->catalog().find(source.id);
    // With the replicas that were left: these have everything that it had.
    if (!now || !now->replica) return {};
    auto copied = copy_some(now, &walk);
    // Somebody joined, left or was changed: the same items once more.
    if (!copied && !is_gone(copied) && copied.error().code != ErrorCode::kConflict) return copied;
  }
  return {};
}

Result<void> ReplicaFill::copy_some(const TablePtr& source, ItemWalk* walk) {
  std::vector<ItemRef> items;
  RETURN_IF_ERROR(walk->step([&](const StoredView& stored) -> Result<void> {
    auto key = model::key_of(source->schema.keys, stored.text);
    if (!key) return fail(Error::corruption("a stored item has no key"));
    items.push_back({source, *std::move(key)});
    return {};
  }));
  if (!items.empty()) {
    const auto transaction = parts_.engine->begin(wal::Origin::kReplication);
    RETURN_IF_ERROR(transaction->lock(items));
    const ReplicaGroups::Peers peers = parts_.committer->replica_groups().peers_of(*source);
    Commit commit;
    commit.origin = wal::Origin::kReplication;
    commit.replica_epoch = peers.epoch;
    for (const ItemRef& item : items) {
      RETURN_IF_ERROR(append_missing(source, peers.tables, item.key, &commit.writes));
    }
    if (!commit.writes.empty()) RETURN_IF_ERROR(parts_.committer->commit(&commit));
  }
  walk->pass();
  return {};
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

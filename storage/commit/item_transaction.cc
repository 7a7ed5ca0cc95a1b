#include "storage/commit/item_transaction.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "storage/commit/item_writes.h"
#include "storage/commit/receipt_store.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

bool needs_old_item(const Table& table) { return has_index(table) || keeps_old_images(table); }

std::string shared_key_of(const ItemRef& ref) {
  return ref.table->replica ? state_key(ref.table->replica->group, ref.key) : std::string();
}

}  // namespace

std::vector<LockConflict> ItemTransaction::try_lock(std::vector<ItemRef> items, LockHolder holder,
                                                    const Patience& patience) {
  INVARIANT(slots_.empty());
  slots_.resize(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    Slot& slot = slots_[i];
    slot.key = state_key(items[i].table->id, items[i].key);
    slot.shared_key = shared_key_of(items[i]);
    slot.ref = std::move(items[i]);
    slot.lock = ItemLock(slot.lock_key(), holder);
  }
  commit_.writes.reserve(slots_.size());
  if (slots_.size() == 1) {
    const auto held_by = locks_.lock(&slots_[0].lock, patience);
    slots_[0].is_locked = !held_by;
    return held_by ? std::vector<LockConflict>{{0, *held_by}} : std::vector<LockConflict>{};
  }
  for (const std::size_t position : in_key_order()) {
    const auto held_by = locks_.lock(&slots_[position].lock, patience);
    if (held_by) return give_up({position, *held_by});
    slots_[position].is_locked = true;
  }
  return {};
}

std::vector<std::size_t> ItemTransaction::in_key_order() const {
  std::vector<std::size_t> positions(slots_.size());
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  std::sort(positions.begin(), positions.end(),
            [this](std::size_t a, std::size_t b) { return slots_[a].lock_key() < slots_[b].lock_key(); });
  return positions;
}

std::vector<LockConflict> ItemTransaction::give_up(LockConflict first) {
  std::vector<LockConflict> conflicts;
  for (std::size_t position = 0; position < slots_.size(); ++position) {
    if (position == first.position) {
      conflicts.push_back(first);
    } else if (!slots_[position].is_locked &&
               locks_.holder_of(slots_[position].lock_key()) == LockHolder::kTransaction) {
      conflicts.push_back({position, LockHolder::kTransaction});
    }
  }
  unlock();
  return conflicts;
}

void ItemTransaction::unlock() {
  for (Slot& slot : slots_) {
    if (std::exchange(slot.is_locked, false)) locks_.unlock(&slot.lock);
  }
}

Result<std::optional<StoredItem>> ItemTransaction::read(std::size_t position) {
  Slot& slot = slots_[position];
  ASSIGN_OR_RETURN(auto item, read_copy(store_, slot.key));
  slot.was_read = true;
  slot.old_size = size_of(item);
  if (item && needs_old_item(*slot.ref.table)) slot.old_item = item;
  if (auto instead = commit_.origin == wal::Origin::kClient ? shown_instead(slot) : std::nullopt) {
    item.reset();
    if (!instead->empty()) {
      ASSIGN_OR_RETURN(item, stored_item(*std::move(instead)));
    }
  }
  slot.shown_size = size_of(item);
  return item;
}

// All items as of one moment: what one commit wrote elsewhere is seen whole.
std::optional<std::string> ItemTransaction::shown_instead(const Slot& slot) {
  if (!late_copies_.is_on() || !shows_copies_late(*slot.ref.table)) return std::nullopt;
  if (!look_) look_.emplace(late_copies_, kLatestTime);
  return look_->find(wal::Space::kState, slot.key);
}

WriteEffect ItemTransaction::put(std::size_t position, model::Item item) {
  Slot& slot = slots_[position];
  INVARIANT(slot.was_read && !slot.write);
  WriteEffect effect;
  effect.old_size_bytes = slot.shown_size.value_or(0);
  effect.new_size_bytes = item.size_bytes;
  prepare(&slot, std::move(item), keeps_old_images(*slot.ref.table), &effect.indexes);
  return effect;
}

WriteEffect ItemTransaction::remove(std::size_t position) {
  Slot& slot = slots_[position];
  INVARIANT(slot.was_read && !slot.write);
  WriteEffect effect;
  if (!slot.shown_size) return effect;
  effect.old_size_bytes = *slot.shown_size;
  slot.is_seen_to_be_gone = !slot.old_size;
  if (slot.is_seen_to_be_gone) {
    note_gone(slot);
    return effect;
  }
  prepare(&slot, std::nullopt, keeps_old_images(*slot.ref.table), &effect.indexes);
  return effect;
}

void ItemTransaction::prepare(Slot* slot, const std::optional<model::Item>& new_item, bool keep_old_value,
                              std::vector<IndexEffect>* effects) {
  slot->write = commit_.writes.size();
  const CopyOfItem copy{.table = *slot->ref.table,
                        .key = slot->ref.key,
                        .state_key = slot->key,
                        .old_item = slot->old_item,
                        .old_size = slot->old_size};
  append_item_writes(
      copy, new_item, keep_old_value ? OldValue::kKept : OldValue::kLeftOut,
      [this](std::string_view key) { return has_index_entry(key); }, &commit_.writes, effects);
  if (late_copies_.is_on() && slot->ref.table->replica) {
    // An item expires by what is stored. A region that does not show that yet sees it go as late as the
    // others.
    const bool is_late = commit_.origin == wal::Origin::kTtl && shown_instead(*slot);
    is_late ? note_replaced(slot->key, *slot->write) : note_own(*slot);
  }
  prepare_peers(slot, new_item);
}

// What an answer says of indexes is of the table that was asked.
void ItemTransaction::prepare_peers(Slot* slot, const std::optional<model::Item>& new_item) {
  auto [epoch, peers] = committer_.replica_groups().peers_of(*slot->ref.table);
  // The oldest of all: what was prepared before a change must not pass for what was prepared behind it.
  commit_.replica_epoch = std::min(commit_.replica_epoch.value_or(epoch), epoch);
  slot->peers = std::move(peers);
  std::vector<IndexEffect> ignored;
  for (const TablePtr& peer : slot->peers) {
    const std::string key = state_key(peer->id, slot->ref.key);
    auto old_item = read_copy(store_, key);
    if (!old_item) {
      failure_ = old_item.error();
      return;
    }
    if (!new_item && !*old_item) continue;
    const CopyOfItem copy{.table = *peer,
                          .key = slot->ref.key,
                          .state_key = key,
                          .old_item = *old_item,
                          .old_size = size_of(*old_item),
                          .is_replicated = true};
    const std::size_t first = commit_.writes.size();
    append_item_writes(
        copy, new_item, OldValue::kKept, [this](std::string_view entry) { return has_index_entry(entry); },
        &commit_.writes, &ignored);
    if (late_copies_.is_on() && shows_copies_late(*peer)) note_replaced(key, first);
  }
}

void ItemTransaction::note_own(const Slot& slot) { note({.state_key = slot.key, .replaced = {}}); }

// Nothing changes but what is shown. That takes a commit all the same, so that it has a place among the
// others.
void ItemTransaction::note_gone(const Slot& slot) {
  commit_.writes.push_back(adjust_counters(slot.ref.table->id, {}));
  note_own(slot);
}

void ItemTransaction::note_replaced(const std::string& state_key, std::size_t first) {
  CopyChange change{.state_key = state_key, .replaced = {}};
  for (std::size_t i = first; i < commit_.writes.size(); ++i) {
    const OwnedWrite& write = commit_.writes[i];
    ReplacedValue replaced{.space = write.space, .key = write.key, .value = {}};
    if (write.old_value) {
      replaced.value = *write.old_value;
    } else {
      const auto found = store_.get(write.space, write.key, &replaced.value);
      if (!found) {
        if (!failure_) failure_ = found.error();
        return;
      }
      if (!*found) replaced.value.clear();
    }
    change.replaced.push_back(std::move(replaced));
  }
  note(std::move(change));
}

void ItemTransaction::note(CopyChange change) {
  copy_changes_.push_back(std::move(change));
  if (commit_.applied) return;
  commit_.changes_tables = false;
  commit_.applied = [this](Timestamp time) { late_copies_.add(time, std::exchange(copy_changes_, {})); };
}

// The item is locked, so that its entries stay as they are.
bool ItemTransaction::has_index_entry(std::string_view key) {
  std::string ignored;
  const auto found = store_.get(wal::Space::kIndex, key, &ignored);
  if (!found && !failure_) failure_ = found.error();
  return found && *found;
}

Result<void> ItemTransaction::prepare_again() {
  const std::vector<OwnedWrite> writes = std::exchange(commit_.writes, {});
  commit_.replica_epoch.reset();
  copy_changes_.clear();
  std::vector<IndexEffect> effects;  // what was answered stays as it was
  for (Slot& slot : slots_) {
    if (slot.is_seen_to_be_gone) note_gone(slot);
    if (!slot.write) continue;
    const OwnedWrite& old_write = writes[*slot.write];
    TablePtr table = committer_.current_table(slot.ref.table->id);
    if (!table) return fail(Error::not_found("table " + slot.ref.table->schema.name));
    // United with others, or let go, meanwhile: whoever writes it now locks it by another key.
    if (lock_id(*table) != lock_id(*slot.ref.table)) {
      return fail(Error::unavailable("the replicas of " + table->schema.name + " changed"));
    }
    // The locks are held: the old item is the one that was read.
    if (slot.old_size && !slot.old_item) {
      std::string record;
      ASSIGN_OR_RETURN(const bool found, store_.get(wal::Space::kState, slot.key, &record));
      // Gone without its lock: so is the table.
      if (!found) return fail(Error::not_found("table " + slot.ref.table->schema.name));
      ASSIGN_OR_RETURN(slot.old_item, stored_item(std::move(record)));
    }
    std::optional<model::Item> new_item;
    if (old_write.kind == wal::WriteKind::kPut) {
      ASSIGN_OR_RETURN(const StoredView stored, parse_stored(old_write.value));
      new_item = model::Item{std::string(stored.text), stored.size_bytes};
    }
    slot.ref.table = std::move(table);
    prepare(&slot, new_item, true, &effects);
  }
  if (receipt_) commit_.writes.push_back(*receipt_);
  return {};
}

void ItemTransaction::keep_receipt(std::string_view key, std::string_view content) {
  receipt_ = kept_receipt_write(key, content, clock_.now());
}

void ItemTransaction::put_receipt(std::string_view key, std::string_view content) {
  receipt_ = receipt_write(key, content, clock_.now());
}

Result<Timestamp> ItemTransaction::commit() {
  constexpr int kAttemptsMax = 16;
  if (receipt_) commit_.writes.push_back(*receipt_);
  if (commit_.writes.empty()) {
    Timestamp last;
    committer_.with_gate([&last](CommitPoint* point) { last = point->time; });
    unlock();
    return last;
  }
  auto committed = failure_ ? fail(*failure_) : committer_.commit(&commit_);
  for (int attempt = 1;
       !committed && committed.error().code == ErrorCode::kConflict && attempt < kAttemptsMax; ++attempt) {
    if (auto prepared = prepare_again(); !prepared) {
      committed = fail(std::move(prepared).error());
      break;
    }
    committed = failure_ ? fail(*failure_) : committer_.commit(&commit_);
  }
  unlock();
  return committed;
}

void ItemTransaction::commit_later(MoveOnlyFunction<void(Result<void>)> done) {
  if (receipt_) commit_.writes.push_back(*receipt_);
  if (failure_ || commit_.writes.empty()) {
    unlock();
    return done(failure_ ? Result<void>(fail(*failure_)) : Result<void>());
  }
  committer_.submit(&commit_, [this, done = std::move(done)](Result<Timestamp> committed) mutable {
    unlock();
    // The transaction may be gone when this returns.
    done(committed ? Result<void>{} : fail(std::move(committed).error()));
  });
}

}  // namespace tidemark::storage

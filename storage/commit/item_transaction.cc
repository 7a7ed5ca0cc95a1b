#include "storage/commit/item_transaction.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "storage/commit/index_writer.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

bool needs_old_item(const Table& table) { return !table.schema.indexes.empty() || keeps_old_images(table); }

std::optional<ItemImage> image_of(const std::optional<StoredItem>& item) {
  if (!item) return std::nullopt;
  return ItemImage{item->text(), item->size_bytes};
}

std::optional<ItemImage> image_of(const std::optional<model::Item>& item) {
  if (!item) return std::nullopt;
  return ItemImage{item->text, item->size_bytes};
}

}  // namespace

std::vector<Latches::Stripe> ItemTransaction::take(std::vector<ItemRef> items) {
  INVARIANT(slots_.empty());
  slots_.resize(items.size());
  std::vector<Latches::Stripe> stripes;
  stripes.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    slots_[i].key = state_key(items[i].table->id, items[i].key);
    slots_[i].ref = std::move(items[i]);
    stripes.push_back(Latches::stripe_of(slots_[i].key));
  }
  if (stripes.size() > 1) {
    std::sort(stripes.begin(), stripes.end());
    stripes.erase(std::unique(stripes.begin(), stripes.end()), stripes.end());
  }
  commit_.writes.reserve(slots_.size());
  return stripes;
}

Result<void> ItemTransaction::lock(std::vector<ItemRef> items) {
  stripes_ = take(std::move(items));
  for (const auto stripe : stripes_) latches_.lock(stripe);
  return {};
}

Result<bool> ItemTransaction::lock_soon(std::vector<ItemRef> items) {
  if (committer_.may_delay()) return false;
  const auto wanted = take(std::move(items));
  stripes_.reserve(wanted.size());
  for (const auto stripe : wanted) {
    if (!latches_.lock_soon(stripe)) {
      unlock();
      return false;
    }
    stripes_.push_back(stripe);
  }
  return true;
}

void ItemTransaction::unlock() {
  for (const auto stripe : stripes_) latches_.unlock(stripe);
  stripes_.clear();
}

Result<std::optional<StoredItem>> ItemTransaction::read(std::size_t position) {
  Slot& slot = slots_[position];
  std::string record;
  ASSIGN_OR_RETURN(const bool found, store_.get(wal::Space::kState, slot.key, &record));
  slot.was_read = true;
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(StoredItem item, stored_item(std::move(record)));
  slot.old_size = item.size_bytes;
  if (needs_old_item(*slot.ref.table)) slot.old_item = item;
  return item;
}

WriteEffect ItemTransaction::put(std::size_t position, model::Item item) {
  Slot& slot = slots_[position];
  INVARIANT(slot.was_read && !slot.write);
  WriteEffect effect;
  effect.old_size_bytes = slot.old_size.value_or(0);
  effect.new_size_bytes = item.size_bytes;
  prepare(&slot, std::move(item), keeps_old_images(*slot.ref.table), &effect.indexes);
  return effect;
}

WriteEffect ItemTransaction::remove(std::size_t position) {
  Slot& slot = slots_[position];
  INVARIANT(slot.was_read && !slot.write);
  WriteEffect effect;
  if (!slot.old_size) return effect;
  effect.old_size_bytes = *slot.old_size;
  prepare(&slot, std::nullopt, keeps_old_images(*slot.ref.table), &effect.indexes);
  return effect;
}

void ItemTransaction::prepare(Slot* slot, const std::optional<model::Item>& new_item, bool keep_old_value,
                              std::vector<IndexEffect>* effects) {
  const Table& table = *slot->ref.table;
  slot->write = commit_.writes.size();
  OwnedWrite& write = commit_.writes.emplace_back();
  write.kind = new_item ? wal::WriteKind::kPut : wal::WriteKind::kDelete;
  write.key = slot->key;
  write.old_size = slot->old_size;
  write.table = &table;
  if (new_item) append_stored(&write.value, {}, new_item->size_bytes, new_item->text);
  if (keep_old_value) write.old_value = slot->old_item ? slot->old_item->record : std::string();
  if (table.schema.indexes.empty()) return;
  append_index_writes(table, slot->ref.key, image_of(slot->old_item), image_of(new_item), &commit_.writes,
                      effects);
}

Result<void> ItemTransaction::prepare_again() {
  const std::vector<OwnedWrite> writes = std::exchange(commit_.writes, {});
  std::vector<IndexEffect> effects;  // what was answered stays as it was
  for (Slot& slot : slots_) {
    if (!slot.write) continue;
    const OwnedWrite& old_write = writes[*slot.write];
    TablePtr table = committer_.current_table(slot.ref.table->id);
    if (!table) return fail(Error::not_found("table " + slot.ref.table->schema.name));
    // The latches are held: the old item is the one that was read.
    if (slot.old_size && !slot.old_item) {
      std::string record;
      ASSIGN_OR_RETURN(const bool found, store_.get(wal::Space::kState, slot.key, &record));
      // Gone without its latch: so is the table.
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
  return {};
}

Result<Timestamp> ItemTransaction::commit() {
  constexpr int kAttemptsMax = 16;
  if (commit_.writes.empty()) {
    Timestamp last;
    committer_.with_gate([&last](CommitPoint* point) { last = point->time; });
    unlock();
    return last;
  }
  auto committed = committer_.commit(&commit_);
  for (int attempt = 1;
       !committed && committed.error().code == ErrorCode::kConflict && attempt < kAttemptsMax; ++attempt) {
    if (auto prepared = prepare_again(); !prepared) {
      committed = fail(std::move(prepared).error());
      break;
    }
    committed = committer_.commit(&commit_);
  }
  unlock();
  return committed;
}

}  // namespace tidemark::storage

#include "storage/commit/item_writes.h"

#include <utility>

#include "storage/commit/expiry_index.h"
#include "storage/store/item_codec.h"

namespace tidemark::storage {
namespace {

std::optional<ItemImage> image_of(const std::optional<StoredItem>& item) {
  if (!item) return std::nullopt;
  return ItemImage{item->text(), item->size_bytes};
}

std::optional<ItemImage> image_of(const std::optional<model::Item>& item) {
  if (!item) return std::nullopt;
  return ItemImage{item->text, item->size_bytes};
}

}  // namespace

void append_item_writes(const CopyOfItem& copy, const std::optional<model::Item>& new_item,
                        OldValue old_value, const EntryLookup& has_entry, std::vector<OwnedWrite>* writes,
                        std::vector<IndexEffect>* effects) {
  OwnedWrite& write = writes->emplace_back();
  write.kind = new_item ? wal::WriteKind::kPut : wal::WriteKind::kDelete;
  write.key = copy.state_key;
  write.old_size = copy.old_size;
  write.table = &copy.table;
  write.is_replicated = copy.is_replicated;
  if (new_item) append_stored(&write.value, {}, new_item->size_bytes, new_item->text);
  if (old_value == OldValue::kKept) write.old_value = copy.old_item ? copy.old_item->record : std::string();
  if (!has_index(copy.table)) return;
  const auto old_image = image_of(copy.old_item);
  const auto new_image = image_of(new_item);
  append_index_writes(copy.table, copy.key, old_image, new_image, has_entry, writes, effects);
  append_expiry_writes(copy.table, copy.key, old_image, new_image, writes);
}

Result<std::optional<StoredItem>> read_copy(const RocksStore& store, std::string_view state_key) {
  std::string record;
  ASSIGN_OR_RETURN(const bool found, store.get(wal::Space::kState, state_key, &record));
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(StoredItem item, stored_item(std::move(record)));
  return item;
}

std::optional<std::uint32_t> size_of(const std::optional<StoredItem>& item) {
  if (!item) return std::nullopt;
  return item->size_bytes;
}

}  // namespace tidemark::storage

// What a put or a removal of an item writes: the item, its index entries, its place in the order of times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/item.h"
#include "model/key.h"
#include "storage/commit/committer.h"
#include "storage/commit/index_writer.h"
#include "storage/query.h"
#include "storage/store/rocks.h"
#include "storage/table.h"

namespace tidemark::storage {

// Whether the old item must be known to write a new one.
inline bool has_index(const Table& table) { return !table.schema.indexes.empty() || table.schema.ttl; }

// One table's copy of an item, locked, as it is now.
struct CopyOfItem {
  const Table& table;
  const model::Key& key;
  std::string_view state_key;
  // May be left out where neither indexes nor old images need it; then the size alone counts.
  const std::optional<StoredItem>& old_item;
  std::optional<std::uint32_t> old_size;
  bool is_replicated = false;
};

// Whether the write carries what it replaces. Tables that keep old images need it.
enum class OldValue : bool { kLeftOut, kKept };

// Appends the writes that make `new_item` of the copy, or remove it, the item's own first, and to `*effects`
// the indexes that are touched.
void append_item_writes(const CopyOfItem& copy, const std::optional<model::Item>& new_item,
                        OldValue old_value, const EntryLookup& has_entry, std::vector<OwnedWrite>* writes,
                        std::vector<IndexEffect>* effects);

// The item under an encoded key, if it is there. Errors: kIo, kCorruption.
Result<std::optional<StoredItem>> read_copy(const RocksStore& store, std::string_view state_key);

std::optional<std::uint32_t> size_of(const std::optional<StoredItem>& item);

}  // namespace tidemark::storage

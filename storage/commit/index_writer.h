// What a change of an item does to the table's indexes.
//
// An item has an entry in an index when it has all of the index's key attributes. The entry is canonical item
// text like the item's own: all of it (ALL), or the attributes of the table key, the index key and, with
// INCLUDE, those named in the projection.
//
// In a vector index it also needs a vector of the index's dimensions, and its entry always carries the vector
// and what searches may filter by: storage/vector_entry.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/item.h"
#include "model/key.h"
#include "storage/commit/committer.h"
#include "storage/table.h"
#include "storage/transaction.h"

namespace tidemark::storage {

struct ItemImage {
  std::string_view text;  // canonical
  std::uint32_t size_bytes = 0;
};

struct IndexEntry {
  std::string key;  // index_key()
  std::string text;
  std::uint32_t size_bytes = 0;
};

// The entry of an item in an index of the table, if it has one.
std::optional<IndexEntry> index_entry(const Table& table, const model::IndexSchema& index,
                                      const model::Key& table_key, const ItemImage& item);

// The write that puts an entry which is not there yet.
OwnedWrite put_entry(IndexEntry entry);

// Answers whether there is an entry of that key. Asked only of indexes that are being backfilled, in which an
// item may or may not have its entry.
using EntryLookup = std::function<bool(std::string_view key)>;

// Appends to `*writes` the deletes and puts that take every index from the old image to the new one (absent:
// no item), and to `*effects` the indexes that are touched. Entries that stay as they are cost nothing.
void append_index_writes(const Table& table, const model::Key& table_key,
                         const std::optional<ItemImage>& old_item, const std::optional<ItemImage>& new_item,
                         const EntryLookup& has_entry, std::vector<OwnedWrite>* writes,
                         std::vector<IndexEffect>* effects);

}  // namespace tidemark::storage

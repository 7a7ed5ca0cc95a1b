// The items of a table with time to live in the order of their times, so that what has expired is found
// without a look at anything else. Kept by every write beside the other indexes, in the same key space.
//
//   expiry key := index_id:u32be  expires_at:u64be  item      expires_at in seconds since 1970; item is the
//                                                             item's state key without the table's id
//   value      := a stored value (item_codec.h) of size 0; its text has the attributes of the table's key
//
// An entry is a hint: the item says when it expires, and whoever acts on an entry asks it under its lock.
// Entries that were put in by the look through the items of a filled table may be out of date. None is
// counted.
//
// ON DISK: a change needs a new format of CHECKPOINT and a migration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/key.h"
#include "storage/commit/committer.h"
#include "storage/commit/index_writer.h"
#include "storage/table.h"

namespace tidemark::storage {

// When an item expires, in whole seconds since 1970. Nothing for an item without the attribute, for one
// whose attribute is no Number, and for times that no clock will show. Fractions are left out.
// Source: DynamoDB developer guide, "Using time to live (TTL)".
std::optional<std::int64_t> expires_at(const model::TtlSettings& ttl, std::string_view item_text);

std::string expiry_key(TableId index, std::int64_t expires_at, std::string_view state_key);
std::int64_t expiry_of_key(std::string_view expiry_key);
// The entries from `first` to `last`, both included.
KeyRange expiry_range(TableId index, std::int64_t first, std::int64_t last);

// The entry of an item; the table has time to live.
OwnedWrite put_expiry(const Table& table, const model::Key& key, std::int64_t expires_at);
OwnedWrite delete_expiry(std::string expiry_key);

// Appends to `*writes` what takes the entry from the old image of an item to the new one (absent: no item).
void append_expiry_writes(const Table& table, const model::Key& key, const std::optional<ItemImage>& old_item,
                          const std::optional<ItemImage>& new_item, std::vector<OwnedWrite>* writes);

}  // namespace tidemark::storage

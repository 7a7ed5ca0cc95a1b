// The one judge of items: what a table takes, whoever sends the item (PutItem, UpdateItem, batches,
// transactions, imports). It judges and says nothing: model/words/items.h has the service's words for what it
// finds. What can be judged without a table (types, sets, numbers, nesting, empty names) is judged where JSON
// becomes canonical text, in model/item.h.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "model/item.h"
#include "model/key.h"
#include "model/table_schema.h"

namespace tidemark::model {

// More than the 400 KB that an item may have. Of an update it is the result that counts.
bool is_too_large(const Item& item);

// A key attribute that an index cannot take: wrong type, empty or too long. Never kMissing: an absent one
// leaves the item out of the index and is fine.
struct IndexKeyError {
  std::string index_name;
  KeyError key;
};

// The index keys of an item that is stored whole. A wrong one counts even if another
// attribute of the index is absent, so that the item would not be in the index. Attributes of one role share
// the limit of a key of that role. Of several indexes with a defect the first of the schema is reported.
Result<void, IndexKeyError> check_index_keys(const TableSchema& schema, const ItemView& item);
// After an update: only the attributes it changed are judged, so that an item can be mended that an index
// made later does not like. `old_text` is `{}` when there was no item.
Result<void, IndexKeyError> check_updated_index_keys(const TableSchema& schema, std::string_view old_text,
                                                     std::string_view new_text);

struct ItemTooLarge {};
using ItemError = std::variant<ItemTooLarge, KeyError, IndexKeyError>;

// Everything that PutItem judges, in its order: size, key of the table, keys of the indexes. For those who
// know the table from the start; PutItem itself looks at the size before it looks for the table.
Result<Key, ItemError> check_item(const TableSchema& schema, const Item& item);

}  // namespace tidemark::model

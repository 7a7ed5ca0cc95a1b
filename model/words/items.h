// The service's words for items and keys that a table does not take (model/item_checks.h finds out why).
#pragma once

#include <string>
#include <string_view>

#include "model/item_checks.h"
#include "model/key.h"
#include "model/words/wording.h"

namespace tidemark::model::words {

inline constexpr std::string_view kItemTooLarge = "Item size has exceeded the maximum allowed size";
inline constexpr std::string_view kItemToUpdateTooLarge =
    "Item size to update has exceeded the maximum allowed size";
inline constexpr std::string_view kKeySchemaMismatch = "The provided key element does not match the schema";

// Inside of invalid_parameter(): a condition on a key compares it with a value of another type.
inline constexpr const char* kConditionTypeMismatch = "Condition parameter type does not match schema type";

// `Filter Expression can only contain non-primary key attributes: Primary key attribute: pk`; `parameter` is
// what the request calls the filter.
std::string key_in_filter(std::string_view parameter, std::string_view attribute);

// A batch that reads, or writes, an item twice is refused with this.
inline constexpr const char* kDuplicateKeys = "Provided list of item keys contains duplicates";

// The key attributes of an item that is put: `... Missing the key pk in the item`.
std::string item_key_message(const KeyError& error);
// A Key parameter, and the key of an item in BatchWriteItem: kKeySchemaMismatch for an attribute that is
// missing or of another type.
std::string key_parameter_message(const KeyError& error);

// An index key of an item that is put: `... Type mismatch for Index Key a Expected: S Actual: N IndexName:
// i`.
std::string index_key_message(const IndexKeyError& error);
// The same of what an update makes of an item.
std::string updated_index_key_message(const IndexKeyError& error, Wording wording);

// Whatever check_item() finds, as PutItem says it.
std::string item_message(const ItemError& error);

}  // namespace tidemark::model::words

// Keys in requests: taken out of what the client sent, with the service's words when they do not fit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/core/error.h"
#include "model/item.h"
#include "model/key.h"
#include "model/table_schema.h"

namespace tidemark::api {

// The key of an item that PutItem stores, given as canonical text.
ApiResult<model::Key> key_of_new_item(const model::KeySchema& schema, std::string_view item_text);

// A Key parameter, as canonical text: exactly the schema's attributes, of its types.
ApiResult<model::Key> key_of_request(const model::KeySchema& schema, std::string_view key_text);

// The same for an item in BatchWriteItem, where a key that does not fit is answered as for a Key parameter.
ApiResult<model::Key> key_of_batch_item(const model::KeySchema& schema, std::string_view item_text);

// Index key attributes of an item to be stored: those present must have the declared type and an allowed
// size. An absent one leaves the item out of the index and is fine.
ApiResult<void> check_index_keys(const model::TableSchema& schema, std::string_view item_text);
// After an UpdateItem: only the attributes it changed are judged, and some messages differ.
// `old_text` is `{}` when there was no item.
ApiResult<void> check_updated_index_keys(const model::TableSchema& schema, std::string_view old_text,
                                         std::string_view new_text);

// `The provided key element does not match the schema`
ApiError key_schema_mismatch();

}  // namespace tidemark::api

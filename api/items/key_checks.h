// Keys in requests: taken out of what the client sent, with the service's words when they do not fit.
#pragma once

#include <string_view>

#include "api/core/error.h"
#include "model/item.h"
#include "model/key.h"
#include "model/table_schema.h"

namespace tidemark::api {

// The key of an item that PutItem stores.
ApiResult<model::Key> key_of_new_item(const model::KeySchema& schema, const model::ItemView& item);

// A Key parameter, as canonical text: exactly the schema's attributes, of its types.
ApiResult<model::Key> key_of_request(const model::KeySchema& schema, std::string_view key_text);

// The same for an item in BatchWriteItem, where a key that does not fit is answered as for a Key parameter.
ApiResult<model::Key> key_of_batch_item(const model::KeySchema& schema, const model::ItemView& item);

// `The provided key element does not match the schema`
ApiError key_schema_mismatch();

}  // namespace tidemark::api

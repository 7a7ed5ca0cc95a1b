// Judges an imported item as PutItem would.
#pragma once

#include <string>

#include "base/result.h"
#include "model/item.h"
#include "model/key.h"
#include "model/table_schema.h"

namespace tidemark::transfer {

// The item's key, or the service's message: keys there and well-formed, item size, types of index keys.
Result<model::Key, std::string> check_item(const model::TableSchema& schema, const model::Item& item);

}  // namespace tidemark::transfer

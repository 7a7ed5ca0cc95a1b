// What an index carries of its items, and what a read of it has to fetch from the table.
#pragma once

#include <string_view>

#include "model/table_schema.h"

namespace tidemark::api {

// Keys of the table and of the index are always projected, as are the vector and the filters of a vector
// index.
bool projects(const model::TableSchema& table, const model::IndexSchema& index, std::string_view attribute);

}  // namespace tidemark::api

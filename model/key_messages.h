// What the service says about the key attributes of an item that is put: shared by writes and imports.
#pragma once

#include <string>
#include <string_view>

#include "model/key.h"

namespace tidemark::model {

// A key attribute of the table: `One or more parameter values were invalid: Missing the key pk in the item`.
std::string table_key_message(const KeyError& error);
// A key attribute of an index: `… Type mismatch for Index Key a Expected: S Actual: N IndexName: i`.
std::string index_key_message(const KeyError& error, std::string_view index_name);

}  // namespace tidemark::model

// Operations that tell one setting of a table.
#pragma once

#include <string_view>

#include "api/core/operation.h"
#include "base/json_writer.h"
#include "model/table_schema.h"

namespace tidemark::api {

// Its input, a structure called `input_name`, is TableName alone; `render` writes the answer. `check` may
// refuse it; null: never. Errors: those of existing_table(), and those of `check`.
Operation describe_setting(std::string_view name, std::string_view input_name,
                           void (*render)(const model::TableSchema& schema, JsonWriter& json),
                           ApiResult<void> (*check)(const model::TableSchema& schema) = nullptr);

}  // namespace tidemark::api

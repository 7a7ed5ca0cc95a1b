// The StreamSpecification of CreateTable and UpdateTable.
#pragma once

#include <optional>
#include <string>

#include "api/core/error.h"
#include "api/core/input.h"
#include "model/table_schema.h"

namespace tidemark::api {

struct StreamChange {
  bool enables = false;
  std::string view_type;  // with `enables`
};

// Nothing when the member is absent. Errors: ValidationException.
ApiResult<std::optional<StreamChange>> read_stream_of_new_table(const Input& input);
ApiResult<std::optional<StreamChange>> read_stream_change(const Input& input);

// The label is given when the table is stored. Errors: ValidationException when there is a stream to enable,
// or none to disable.
ApiResult<void> apply(const StreamChange& change, model::TableSchema* schema);

}  // namespace tidemark::api

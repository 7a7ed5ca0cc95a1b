// VectorIndexUpdates of UpdateTable: one vector index comes or goes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/core/error.h"
#include "api/core/input.h"
#include "api/core/shape.h"
#include "api/tables/vector_indexes.h"
#include "model/table_schema.h"

namespace tidemark::api {

struct VectorIndexUpdate {
  std::optional<VectorIndexDefinition> created;
  std::optional<std::string> deleted;
};

Shape vector_index_updates();

// Errors: ValidationException; LimitExceededException for more than one.
ApiResult<VectorIndexUpdate> read_vector_index_update(const Input& input);

// Adds the index that is to be created, whose SearchSchema has definitions in `attributes`. Errors:
// ValidationException; LimitExceededException while another index of the table comes or goes.
ApiResult<void> create_vector_index(const VectorIndexDefinition& definition,
                                    const std::vector<model::AttributeDefinition>& attributes,
                                    model::TableSchema& schema);

}  // namespace tidemark::api

// SearchConditionExpression: which part of a vector index a search looks at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/core/error.h"
#include "api/expression/ast.h"
#include "model/key.h"
#include "model/table_schema.h"

namespace tidemark::api {

// Everything that can be judged without the table: equalities of top-level attributes with values, joined by
// AND. Errors: ValidationException.
ApiResult<void> check_search_condition(const expression::Condition& condition);

struct SearchScope {
  std::vector<model::KeyPart> partition;  // empty: the index has no HASH attribute
  bool has_filters = false;               // the condition also says something about other attributes
};
// What of the index is meant. `condition`, which may be null, has passed check_search_condition(). Errors:
// ValidationException when it does not fit the SearchSchema.
ApiResult<SearchScope> scope_of(const expression::Condition* condition, const model::IndexSchema& index);

}  // namespace tidemark::api

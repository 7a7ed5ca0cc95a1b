// Reading by statement: one page of the items that it selects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/core/capacity.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "api/partiql/statement.h"

namespace tidemark::api::partiql {

struct SelectOptions {
  bool consistent = false;
  std::optional<std::uint64_t> limit;      // items to evaluate
  std::optional<std::string> start_after;  // the key of the last item of the page before, as canonical text
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
};

struct Selected {
  std::string items;                              // canonical texts, joined by commas
  std::optional<std::string> last_evaluated_key;  // there may be more behind it
  std::optional<ConsumedCapacity> consumed_capacity;
};

// Errors: ResourceNotFoundException, ValidationException.
ApiResult<Selected> select(const Statement& statement, const SelectOptions& options,
                           const OperationContext& context);

// What is left of an item: the values at the ends of the paths, by the last name of each; without paths all.
ApiResult<std::string> projected(const Statement& statement, std::string_view item_text);

}  // namespace tidemark::api::partiql

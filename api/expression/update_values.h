// What update actions compute: the right-hand sides of SET, and the results of ADD and DELETE. Internal to
// update.cc.
#pragma once

#include <optional>

#include "api/core/error.h"
#include "api/expression/ast.h"
#include "model/attribute_value.h"

namespace tidemark::api::expression {

// Reads `old_item` alone. A value that could not fit into any item is refused before it is built, so that
// copies and repeated list_append cannot exhaust the memory.
ApiResult<model::AttributeValue> evaluate_set(const Operand& operand, const model::AttributeMap& old_item);

// `existing` is null when there is nothing at the target.
ApiResult<model::AttributeValue> evaluate_add(const model::AttributeValue* existing,
                                              const model::AttributeValue& operand, bool legacy);
// Nothing when no member is left.
ApiResult<std::optional<model::AttributeValue>> evaluate_delete(const model::AttributeValue& existing,
                                                                const model::AttributeValue& operand,
                                                                bool legacy);

// Running total of what an update writes; fails once it is beyond what an item may hold.
class WrittenSize {
 public:
  ApiResult<void> add(const model::AttributeValue& value);

 private:
  std::uint64_t bytes_ = 0;
};

}  // namespace tidemark::api::expression

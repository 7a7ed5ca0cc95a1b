// How a statement finds its items: by key, by ranges of keys, or by looking at all of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/core/error.h"
#include "api/partiql/statement.h"
#include "model/table_schema.h"
#include "storage/query.h"

namespace tidemark::api::partiql {

// The conditions of a statement on one item.
struct KeyedConditions {
  model::AttributeMap key;                      // all key attributes, of whatever type
  std::optional<expression::Condition> others;  // what is asked beside the key
};
// Nothing when some key attribute has no equality.
std::optional<KeyedConditions> keyed_conditions(const Statement& statement, const model::KeySchema& keys);

// The values that the partition key of what is selected can have; nothing when it can have any.
std::optional<std::vector<const model::AttributeValue*>> leading_values(const Statement& statement,
                                                                        const model::KeySchema& keys);

struct ReadPlan {
  std::vector<storage::KeyRange> ranges;  // apart, in reading order
  bool reverse = false;
  bool is_scan = false;  // one range, which is all
};
// Errors: ValidationException for what no key can be, and for orders that there are not.
ApiResult<ReadPlan> plan_read(const Statement& statement, const storage::Target& target);

}  // namespace tidemark::api::partiql

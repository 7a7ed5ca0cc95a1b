// Applies an update to an item.
#pragma once

#include <vector>

#include "api/core/error.h"
#include "api/expression/ast.h"
#include "model/attribute_value.h"

namespace tidemark::api::expression {

struct UpdateResult {
  model::AttributeMap item;
  // Where what was written stands in `item`. Holds no path that was removed, and none of list elements that
  // were appended past the end: the service does not show them.
  std::vector<Path> written;
};

// Whether there is nothing in the update that could make an item: it takes away attributes and members of
// sets.
bool only_removes(const Update& update);

// `old_item` has the attributes of the item that the update mentions; others do not matter. A missing item
// (`exists` is false) has its key attributes alone. Every right-hand side
// reads the old item. Not checked here, because they need the table: key attributes, index keys, item size.
// Errors (ValidationException): invalid document path, missing attribute on the right-hand side, wrong data
// type, numbers out of range, nesting beyond the limit.
ApiResult<UpdateResult> apply_update(const Update& update, const model::AttributeMap& old_item,
                                     bool exists = true);

// What ReturnValues UPDATED_OLD and UPDATED_NEW show: the touched parts alone, `{"m":{"M":{"x":...}}}` for
// `m.x`. Empty when nothing is left to show. `old_item` is the stored item: empty if there was none.
model::AttributeMap updated_old(const Update& update, const model::AttributeMap& old_item);
model::AttributeMap updated_new(const UpdateResult& result);

}  // namespace tidemark::api::expression

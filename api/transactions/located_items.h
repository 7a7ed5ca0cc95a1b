// From the actions of a transaction to the items they are about.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "api/core/access.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "storage/transaction.h"

namespace tidemark::api {

struct ActionItem {
  std::string_view table_name;  // as sent
  std::string_view key;         // the Key parameter as canonical text; empty when there is none
  Access access = {};
};

struct LocatedItem {
  storage::TablePtr table;
  ApiResult<storage::ItemRef> item;  // or why there can be none
};

// Gives the item of one action.
using LocateAction =
    std::function<ApiResult<storage::ItemRef>(std::size_t position, const storage::TablePtr& table)>;

// By position. Judges in the service's order: no item twice, whatever its table is called; then all tables
// are there. Errors: ValidationException; those of active_table().
ApiResult<std::vector<LocatedItem>> locate_items(const std::vector<ActionItem>& actions,
                                                 const OperationContext& context, const LocateAction& locate);

}  // namespace tidemark::api

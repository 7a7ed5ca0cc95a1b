// Many items read as they are at one moment: what TransactGetItems and ExecuteTransaction have in common.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/capacity.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "api/transactions/located_items.h"
#include "base/json_writer.h"

namespace tidemark::api {

struct ReadTransaction {
  std::vector<std::optional<std::string>> items;  // as shown, by position; nothing where there is none
  std::vector<ConsumedCapacity> consumed_capacity;
};

// What is shown of the item of an action, given as canonical text.
using ShowItem = std::function<ApiResult<std::string>(std::size_t position, std::string_view text)>;

// Errors: TransactionCanceledException for keys that fit no table and for items that somebody is writing to
// at this moment (nobody writes to the past); ValidationException for more bytes than a transaction may have;
// those of locate_items() and of `show`.
ApiResult<ReadTransaction> read_together(const std::vector<ActionItem>& actions,
                                         const OperationContext& context, const LocateAction& locate,
                                         const ShowItem& show);

// The member Responses.
void render_responses(const std::vector<std::optional<std::string>>& items, JsonWriter& json);

}  // namespace tidemark::api

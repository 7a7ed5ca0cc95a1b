// A transaction of writes, whoever asks for it: TransactWriteItems, or statements.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/capacity.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "api/items/item_write.h"
#include "base/json_writer.h"

namespace tidemark::api {

struct TransactionAction {
  std::string_view table_name;  // as sent
  Write write;
  std::string_view policy_action = {};  // what policies call it; empty: as its kind
};

struct WriteTransaction {
  std::vector<TransactionAction> actions;
  std::optional<std::string_view> token;
  std::string fingerprint;  // with a token
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
  bool return_item_collection_metrics = false;
};

struct WriteTransactionResult {
  std::vector<ConsumedCapacity> consumed_capacity;  // by table; empty: not asked for
  bool is_replay = false;                           // nothing was done, and the units are read units
  std::string item_collection_metrics;              // JSON; empty: not asked for
};

// All of it or nothing. Consumes the items. Errors: TransactionCanceledException,
// IdempotentParameterMismatchException, TransactionInProgressException; those of active_table().
ApiResult<WriteTransactionResult> carry_out(WriteTransaction& transaction, OperationContext& context);
// Writes the members ConsumedCapacity and ItemCollectionMetrics.
void render_transaction(const WriteTransaction& transaction, const WriteTransactionResult& result,
                        JsonWriter& json);

}  // namespace tidemark::api

// Writing one item: what PutItem, UpdateItem and DeleteItem share with batches and transactions.
//
// A write goes through four steps. The operation parses it into a Write, from the request alone; locate()
// binds it to a table; the items of all writes of the request are locked in one storage::Transaction; apply()
// evaluates the condition and puts or removes. Then the transaction is committed, or dropped when any write
// failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/core/capacity.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/input.h"
#include "api/expression/ast.h"
#include "base/json_writer.h"
#include "model/item.h"
#include "storage/transaction.h"

namespace tidemark::api {

namespace expression {
class Substitutions;
}

enum class WriteKind { kPut, kUpdate, kDelete, kConditionCheck };
enum class ReturnValues { kNone, kAllOld, kUpdatedOld, kAllNew, kUpdatedNew };

struct Write {
  WriteKind kind = WriteKind::kPut;
  model::Wording wording = model::Wording::kClassic;  // of what its update may be refused for
  model::Item item;                                   // kPut: what is stored; otherwise the Key parameter
  std::optional<expression::Condition> condition;
  std::optional<expression::Update> update;  // kUpdate; without one it creates an item of its key alone
  ReturnValues return_values = ReturnValues::kNone;
  bool return_item_on_failure = false;  // ReturnValuesOnConditionCheckFailure is ALL_OLD
  bool inserts = false;                 // kPut: the item must be new, or DuplicateItemException
  // In BatchWriteItem a put whose key does not fit is answered in the words for Key parameters.
  bool in_batch = false;
};

// Parsing, from an operation's input or from an element of TransactItems.

// An item or Key. Errors: ValidationException, SerializationException for values that cannot be.
ApiResult<model::Item> item_of(const Input& input, std::string_view member);
// `Item size has exceeded the maximum allowed size`
ApiResult<void> check_item_size(const model::Item& item);
// PutItem and DeleteItem take NONE and ALL_OLD alone.
ApiResult<ReturnValues> old_return_values_of(const Input& input);
ReturnValues return_values_of(const Input& input);
// ConditionExpression, ReturnValuesOnConditionCheckFailure and, for kUpdate, UpdateExpression.
ApiResult<void> parse_write_expressions(const Input& input, Write* write);
// The same up to the last check, that all names and values are used: see require_all_used() of the result.
ApiResult<expression::Substitutions> compile_write_expressions(const Input& input, Write* write);

// Execution.

// The item the write goes to, checked against the table's schema: key, index keys of a put, paths.
ApiResult<storage::ItemRef> locate(const Write& write, const storage::TablePtr& table);

struct WriteResult {
  storage::WriteEffect effect;
  std::optional<std::string> attributes;  // what ReturnValues asked for, as canonical text
};
// Ref `position` of the transaction is what locate() gave, and locked. Consumes the item of a put. After an
// error the transaction must not be committed. Errors: ConditionalCheckFailedException; ValidationException
// from applying an update.
ApiResult<WriteResult> apply(Write& write, const storage::Table& table, storage::Transaction& transaction,
                             std::size_t position);
// The same for who has read the item already.
ApiResult<WriteResult> apply_to(const std::optional<storage::StoredItem>& old_item, Write& write,
                                const storage::Table& table, storage::Transaction& transaction,
                                std::size_t position);

// What a write does that meets an item of a transaction which is being carried out.
enum class WithTransactions : std::uint8_t { kWait, kConflict };
// How long to wait for the items of others: no network thread waits for more than a moment.
storage::Patience patience_of(const OperationContext& context, WithTransactions with_transactions);
// No network thread waits for the disk either: there it fails, and the operation takes long, when a commit
// might.
ApiResult<void> check_no_delay(const storage::Transaction& transaction, OperationContext& context);
// Locks the items for writes of their own. On a network thread it may fail because the operation takes long
// (see OperationContext). Errors: with kConflict TransactionConflictException.
ApiResult<void> lock(std::vector<storage::ItemRef> refs, storage::Transaction& transaction,
                     OperationContext& context, WithTransactions with_transactions);
// What an operation fails with that is run again on another thread.
ApiError gives_way();
// ResourceNotFoundException when a table was deleted meanwhile.
ApiResult<void> commit(storage::Transaction& transaction);

// A request of one write.

struct WriteRequest {
  std::string_view table_name;   // as sent
  std::string_view action = {};  // what policies call it; empty: the operation's name
  Write write;
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
  bool return_item_collection_metrics = false;
};
// The parameters that all writes have and that cannot fail.
WriteRequest write_request_of(const Input& input, WriteKind kind);

struct WriteResponse {
  WriteResult result;
  std::optional<ConsumedCapacity> consumed_capacity;
  std::string item_collection_metrics;  // JSON; empty: not asked for
};
ApiResult<WriteResponse> execute_write(WriteRequest& request, OperationContext& context);
void render_write(const WriteRequest& request, const WriteResponse& response, JsonWriter& json);

}  // namespace tidemark::api

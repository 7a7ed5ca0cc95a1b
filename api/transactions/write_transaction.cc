#include "api/transactions/write_transaction.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <unordered_set>
#include <utility>

#include "api/items/item_collection_metrics.h"
#include "api/items/item_terms.h"
#include "api/transactions/cancellation.h"
#include "api/transactions/located_items.h"
#include "api/transactions/table_accounts.h"
#include "api/transactions/transaction_size.h"
#include "model/key.h"
#include "model/words/transactions.h"
#include "storage/discard.h"

namespace tidemark::api {
namespace {

ApiResult<std::vector<LocatedItem>> locate_actions(const WriteTransaction& request,
                                                   const OperationContext& context) {
  std::vector<ActionItem> items;
  items.reserve(request.actions.size());
  for (const TransactionAction& action : request.actions) {
    const bool has_key = action.write.kind != WriteKind::kPut;
    const auto terms = [&request, &action, &context](const model::TableSchema& schema) {
      AccessTerms asked;
      asked.enclosing_operation = context.operation;
      asked.return_consumed_capacity = name_of(request.return_consumed_capacity);
      add_write_terms(action.write, schema, &asked);
      return asked;
    };
    const std::string_view named = action.policy_action;
    items.push_back(
        {.table_name = action.table_name,
         .key = has_key ? std::string_view(action.write.item.text) : std::string_view(),
         .access = {.action = named.empty() ? action_of(action.write.kind) : named, .terms = terms}});
  }
  return locate_items(items, context, [&request](std::size_t position, const storage::TablePtr& table) {
    return locate(request.actions[position].write, table);
  });
}

bool has_empty_key(const TransactionAction& action, const storage::Table& table) {
  const auto key = model::key_of(table.schema.keys, action.write.item.text);
  return !key && key.error().defect == model::KeyDefect::kEmpty;
}

// Carries out a transaction, or finds out why not.
class Execution {
 public:
  Execution(WriteTransaction& request, std::vector<LocatedItem> items, OperationContext& context)
      : request_(request),
        context_(context),
        items_(std::move(items)),
        transaction_(context.engine.begin()),
        cancellation_(request.actions.size()),
        effects_(request.actions.size()) {}

  // `receipt_key` is empty without a token.
  ApiResult<void> run(std::string_view receipt_key);
  // What each action did, by position.
  [[nodiscard]] const std::vector<storage::WriteEffect>& effects() const { return effects_; }
  [[nodiscard]] const std::vector<LocatedItem>& items() const { return items_; }

 private:
  ApiResult<void> judge_keys();
  ApiResult<void> lock_items();
  ApiResult<void> apply_all();

  WriteTransaction& request_;
  OperationContext& context_;
  const std::vector<LocatedItem> items_;
  const std::unique_ptr<storage::Transaction> transaction_;
  Cancellation cancellation_;
  std::vector<std::size_t> locked_;  // by position in the transaction: the action's
  std::vector<storage::WriteEffect> effects_;
};

ApiResult<void> Execution::judge_keys() {
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const LocatedItem& located = items_[i];
    if (located.item) continue;
    if (has_empty_key(request_.actions[i], *located.table)) return fail(located.item.error());
    RETURN_IF_ERROR(cancellation_.add(i, located.item.error()));
  }
  return {};
}

ApiResult<void> Execution::lock_items() {
  std::vector<storage::ItemRef> refs;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (!items_[i].item) continue;
    refs.push_back(*items_[i].item);
    locked_.push_back(i);
  }
  RETURN_IF_ERROR(check_no_delay(*transaction_, context_));
  const auto conflicts = transaction_->try_lock(std::move(refs), storage::LockHolder::kTransaction,
                                                patience_of(context_, WithTransactions::kConflict));
  if (conflicts.empty()) return {};
  for (const storage::LockConflict& conflict : conflicts) {
    if (conflict.holder == storage::LockHolder::kWrite) {
      context_.takes_long = true;
      return fail(gives_way());
    }
    cancellation_.add_conflict(locked_[conflict.position]);
  }
  return fail(cancellation_.error());
}

// All actions are judged, also behind one that failed.
ApiResult<void> Execution::apply_all() {
  std::uint64_t read_bytes = 0;
  std::uint64_t bytes = 0;
  for (std::size_t slot = 0; slot < locked_.size(); ++slot) {
    const std::size_t i = locked_[slot];
    ASSIGN_OR_RETURN(const auto old_item, transaction_->read(slot));
    if (old_item) read_bytes += old_item->text().size();
    if (context_.gives_way(read_bytes)) return fail(gives_way());
    auto result = apply_to(old_item, request_.actions[i].write, *items_[i].table, *transaction_, slot);
    if (!result) {
      RETURN_IF_ERROR(cancellation_.add(i, result.error()));
      continue;
    }
    effects_[i] = std::move(result->effect);
    bytes += std::max(effects_[i].old_size_bytes, effects_[i].new_size_bytes);
    RETURN_IF_ERROR(check_transaction_size(bytes));
  }
  return {};
}

ApiResult<void> Execution::run(std::string_view receipt_key) {
  RETURN_IF_ERROR(judge_keys());
  RETURN_IF_ERROR(lock_items());
  RETURN_IF_ERROR(apply_all());
  if (cancellation_.any()) return fail(cancellation_.error());
  if (!receipt_key.empty()) transaction_->put_receipt(receipt_key, request_.fingerprint);
  return commit(*transaction_);
}

std::vector<ConsumedCapacity> write_capacity(const WriteTransaction& request, const Execution& execution) {
  TableAccounts accounts;
  for (std::size_t i = 0; i < request.actions.size(); ++i) {
    accounts.of(request.actions[i].table_name, execution.items()[i].table)
        .charge_write(execution.effects()[i], kTransactionCapacityFactor);
  }
  return std::move(accounts).take();
}

// Each item collection that was written to once, by table.
void render_item_collections(const WriteTransaction& request, const std::vector<LocatedItem>& items,
                             storage::Engine& engine, std::string* out) {
  JsonWriter json(out);
  json.begin_object();
  std::unordered_set<std::uint32_t> tables;
  for (std::size_t first = 0; first < items.size(); ++first) {
    const storage::Table& table = *items[first].table;
    if (!has_item_collections(table) || request.actions[first].write.kind == WriteKind::kConditionCheck ||
        !tables.insert(storage::number(table.id)).second) {
      continue;
    }
    json.key(request.actions[first].table_name);
    json.begin_array();
    std::unordered_set<std::string> collections;
    for (std::size_t i = first; i < items.size(); ++i) {
      if (items[i].table->id != table.id || request.actions[i].write.kind == WriteKind::kConditionCheck)
        continue;
      const model::Key& key = items[i].item->key;
      if (!collections.insert(key.partition.front().sort_bytes).second) continue;
      render_item_collection_metrics(json, engine, table, key);
    }
    json.end_array();
  }
  json.end_object();
}

std::string receipt_key(const OperationContext& context, std::string_view token) {
  std::string key = context.owner.account_id;
  key.append(1, '\0').append(context.owner.region);
  key.append(1, '\0').append(context.operation);
  key.append(1, '\0').append(token);
  // What was done to tables that a reset took away says nothing of those that are there now.
  const std::string mark = storage::discard_mark(context.engine.catalog(), context.owner.account_id);
  return mark.empty() ? key : key.append(1, '\0').append(mark);
}

// A request that was carried out before costs what reading its items does.
ApiResult<WriteTransactionResult> replay(const WriteTransaction& request, OperationContext& context) {
  WriteTransactionResult response;
  response.is_replay = true;
  if (request.return_consumed_capacity == ReturnConsumedCapacity::kNone) return response;
  ASSIGN_OR_RETURN(const auto items, locate_actions(request, context));
  TableAccounts accounts;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].item) continue;
    ASSIGN_OR_RETURN(const auto item, context.engine.get(*items[i].table, items[i].item->key));
    accounts.of(request.actions[i].table_name, items[i].table)
        .charge_item(item ? item->size_bytes : 0, true, kTransactionCapacityFactor);
  }
  response.consumed_capacity = std::move(accounts).take();
  return response;
}

ApiResult<WriteTransactionResult> write(WriteTransaction& request, std::string_view receipt_key,
                                        OperationContext& context) {
  ASSIGN_OR_RETURN(auto items, locate_actions(request, context));
  Execution execution(request, std::move(items), context);
  RETURN_IF_ERROR(execution.run(receipt_key));
  WriteTransactionResult response;
  response.consumed_capacity = write_capacity(request, execution);
  if (request.return_item_collection_metrics) {
    render_item_collections(request, execution.items(), context.engine, &response.item_collection_metrics);
  }
  return response;
}

}  // namespace

ApiResult<WriteTransactionResult> carry_out(WriteTransaction& request, OperationContext& context) {
  if (!request.token) return write(request, {}, context);
  ASSIGN_OR_RETURN(const storage::ReceiptClaim claim,
                   context.engine.receipts().claim(receipt_key(context, *request.token)));
  if (claim.is_taken()) {
    return fail(ApiError(ErrorType::kTransactionInProgress, std::string(words::kTransactionInProgress)));
  }
  if (!claim.content()) return write(request, claim.key(), context);
  if (*claim.content() == request.fingerprint) return replay(request, context);
  return fail(ApiError(ErrorType::kIdempotentParameterMismatch, std::string(words::kTokenOfAnotherRequest)));
}

void render_transaction(const WriteTransaction& request, const WriteTransactionResult& response,
                        JsonWriter& json) {
  render_consumed_capacity(
      json, response.consumed_capacity, request.return_consumed_capacity,
      response.is_replay ? ConsumedCapacity::Kind::kTransactRead : ConsumedCapacity::Kind::kTransactWrite);
  if (!response.item_collection_metrics.empty()) {
    json.key("ItemCollectionMetrics"), json.raw(response.item_collection_metrics);
  }
}

}  // namespace tidemark::api

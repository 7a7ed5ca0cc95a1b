#include "api/items/item_write.h"

#include "api/core/capacity_meter.h"
#include "api/core/deferred_commit.h"
#include "api/core/table_lookup.h"
#include "api/expression/evaluate.h"
#include "api/expression/resolve.h"
#include "api/expression/statement_size.h"
#include "api/expression/update.h"
#include "api/items/item_collection_metrics.h"
#include "api/items/item_terms.h"
#include "api/items/key_checks.h"
#include "api/items/key_paths.h"
#include "model/item_checks.h"
#include "model/item_parts.h"
#include "model/item_size.h"
#include "model/words/items.h"

namespace tidemark::api {
namespace {

using expression::ExpressionKind;

ApiResult<void> check_condition(const Write& write, const std::optional<storage::StoredItem>& old_item) {
  if (write.inserts && old_item) {
    return fail(ApiError(ErrorType::kDuplicateItem, "Duplicate primary key exists in table"));
  }
  if (!write.condition) return {};
  if (!old_item) {
    if (expression::holds(*write.condition, static_cast<const model::AttributeMap*>(nullptr))) return {};
    return fail(conditional_check_failed());
  }
  ASSIGN_OR_RETURN(const bool holds, expression::holds(*write.condition, old_item->text()));
  if (holds) return {};
  std::string item;
  if (write.return_item_on_failure) item.append("\"Item\":").append(old_item->text());
  return fail(conditional_check_failed(std::move(item)));
}

// Some regions judge an update by what its statement writes, whatever the item is.
ApiResult<void> check_statement_size(const expression::Update& update, model::Wording wording) {
  if (wording == model::Wording::kClassic) return {};
  if (expression::statement_size_bytes(update) <= model::kItemSizeBytesMax) return {};
  return fail(always_bare_validation(words::kItemToUpdateTooLarge));
}

std::optional<std::string> old_attributes(const Write& write,
                                          const std::optional<storage::StoredItem>& old_item) {
  if (write.return_values != ReturnValues::kAllOld || !old_item) return std::nullopt;
  return std::string(old_item->text());
}

std::optional<std::string> text_unless_empty(const model::AttributeMap& attributes) {
  if (attributes.empty()) return std::nullopt;
  std::string text;
  model::append_attributes(&text, attributes);
  return text;
}

// Only what the update mentions of the old item becomes a tree.
ApiResult<WriteResult> apply_update(const Write& write, const storage::Table& table,
                                    const std::optional<storage::StoredItem>& old_item,
                                    storage::Transaction& transaction, std::size_t position) {
  static const expression::Update kNothing;
  const expression::Update& update = write.update ? *write.update : kNothing;
  if (!old_item && write.update && expression::only_removes(update)) return WriteResult();
  const std::string_view old_text = old_item ? old_item->text() : std::string_view("{}");
  // A new item begins with its key.
  const std::string_view start_text = old_item ? old_text : std::string_view(write.item.text);
  const std::uint32_t start_bytes = old_item ? old_item->size_bytes : write.item.size_bytes;
  ASSIGN_OR_RETURN(const auto parts,
                   model::ItemParts::take(start_text, expression::referenced_attributes(update)));
  ASSIGN_OR_RETURN(const expression::UpdateResult updated,
                   expression::apply_update(update, parts.attributes(), old_item.has_value()));
  model::Item item = parts.put_back(updated.item, start_bytes);
  if (const auto keys = model::check_updated_index_keys(table.schema, old_text, item.text); !keys) {
    return fail(validation(words::updated_index_key_message(keys.error(), write.wording)));
  }
  if (model::is_too_large(item)) return fail(validation(std::string(words::kItemToUpdateTooLarge)));

  WriteResult result;
  switch (write.return_values) {
    case ReturnValues::kNone:
      break;
    case ReturnValues::kAllOld:
      result.attributes = old_attributes(write, old_item);
      break;
    case ReturnValues::kAllNew:
      result.attributes = item.text;
      break;
    case ReturnValues::kUpdatedOld:
      if (old_item)
        result.attributes = text_unless_empty(expression::updated_old(update, parts.attributes()));
      break;
    case ReturnValues::kUpdatedNew:
      result.attributes = text_unless_empty(expression::updated_new(updated));
      break;
  }
  result.effect = transaction.put(position, std::move(item));
  return result;
}

}  // namespace

ApiResult<model::Item> item_of(const Input& input, std::string_view member) {
  auto item = model::item_from_json(*input.object(member));
  if (!item) return fail(value_error(item.error(), input.wording()));
  return std::move(*item);
}

ApiResult<void> check_item_size(const model::Item& item) {
  if (!model::is_too_large(item)) return {};
  return fail(always_bare_validation(words::kItemTooLarge));
}

ReturnValues return_values_of(const Input& input) {
  const auto value = input.string("ReturnValues");
  if (value == "ALL_OLD") return ReturnValues::kAllOld;
  if (value == "UPDATED_OLD") return ReturnValues::kUpdatedOld;
  if (value == "ALL_NEW") return ReturnValues::kAllNew;
  if (value == "UPDATED_NEW") return ReturnValues::kUpdatedNew;
  return ReturnValues::kNone;
}

ApiResult<ReturnValues> old_return_values_of(const Input& input) {
  const ReturnValues value = return_values_of(input);
  if (value == ReturnValues::kNone || value == ReturnValues::kAllOld) return value;
  return fail(validation("ReturnValues can only be ALL_OLD or NONE"));
}

ApiResult<expression::Substitutions> compile_write_expressions(const Input& input, Write* write) {
  const auto condition = input.string("ConditionExpression");
  const auto update = write->kind == WriteKind::kUpdate ? input.string("UpdateExpression") : std::nullopt;
  const auto names = input.object("ExpressionAttributeNames");
  const auto values = input.object("ExpressionAttributeValues");
  write->return_item_on_failure = input.string("ReturnValuesOnConditionCheckFailure") == "ALL_OLD";
  if (!condition && !update && !names && !values) return expression::Substitutions(input.wording());

  const bool any_expression = condition || update;
  if (write->kind == WriteKind::kUpdate) {
    RETURN_IF_ERROR(expression::check_attributes_have_expressions(
        names.has_value(), values.has_value(), any_expression,
        {{"UpdateExpression", update.has_value()}, {"ConditionExpression", condition.has_value()}},
        input.wording()));
  } else {
    RETURN_IF_ERROR(expression::check_attributes_have_expressions(
        names.has_value(), values.has_value(), any_expression,
        {{"ConditionExpression", condition.has_value()}}, input.wording()));
  }
  ASSIGN_OR_RETURN(auto substitutions, expression::Substitutions::parse(names, values, input.wording()));
  ASSIGN_OR_RETURN(write->update, expression::compile_optional_update(update, substitutions));
  RETURN_IF_ERROR(substitutions.require_storable());
  ASSIGN_OR_RETURN(write->condition, expression::compile_optional_condition(ExpressionKind::kCondition,
                                                                            condition, substitutions));
  return substitutions;
}

ApiResult<void> parse_write_expressions(const Input& input, Write* write) {
  ASSIGN_OR_RETURN(const auto substitutions, compile_write_expressions(input, write));
  RETURN_IF_ERROR(substitutions.require_all_used());
  return write->update ? check_statement_size(*write->update, input.wording()) : ApiResult<void>();
}

ApiResult<storage::ItemRef> locate(const Write& write, const storage::TablePtr& table) {
  const model::TableSchema& schema = table->schema;
  storage::ItemRef ref;
  ref.table = table;
  if (write.kind == WriteKind::kPut) {
    const auto key_of = write.in_batch ? key_of_batch_item : key_of_new_item;
    ASSIGN_OR_RETURN(ref.key, key_of(schema.keys, write.item));
    if (const auto keys = model::check_index_keys(schema, write.item); !keys) {
      return fail(validation(words::index_key_message(keys.error())));
    }
  } else {
    ASSIGN_OR_RETURN(ref.key, key_of_request(schema.keys, write.item.text));
  }
  if (write.update) RETURN_IF_ERROR(check_update_targets(schema, *write.update));
  if (write.condition) RETURN_IF_ERROR(check_key_paths(schema, expression::paths_of(*write.condition)));
  return ref;
}

ApiResult<WriteResult> apply_to(const std::optional<storage::StoredItem>& old_item, Write& write,
                                const storage::Table& table, storage::Transaction& transaction,
                                std::size_t position) {
  RETURN_IF_ERROR(check_condition(write, old_item));
  WriteResult result;
  switch (write.kind) {
    case WriteKind::kPut:
      result.attributes = old_attributes(write, old_item);
      result.effect = transaction.put(position, std::move(write.item));
      return result;
    case WriteKind::kDelete:
      result.attributes = old_attributes(write, old_item);
      result.effect = transaction.remove(position);
      return result;
    case WriteKind::kUpdate:
      return apply_update(write, table, old_item, transaction, position);
    case WriteKind::kConditionCheck:
      break;
  }
  // A check costs what writing the item unchanged would.
  if (old_item) result.effect.old_size_bytes = result.effect.new_size_bytes = old_item->size_bytes;
  return result;
}

ApiResult<WriteResult> apply(Write& write, const storage::Table& table, storage::Transaction& transaction,
                             std::size_t position) {
  ASSIGN_OR_RETURN(const auto old_item, transaction.read(position));
  return apply_to(old_item, write, table, transaction, position);
}

ApiResult<void> commit(storage::Transaction& transaction) {
  const auto committed = transaction.commit();
  if (!committed) return fail(commit_error(committed.error()));
  return {};
}

WriteRequest write_request_of(const Input& input, WriteKind kind) {
  WriteRequest request;
  request.table_name = *input.string("TableName");
  request.write.kind = kind;
  request.write.wording = input.wording();
  request.return_consumed_capacity = return_consumed_capacity_of(input);
  request.return_item_collection_metrics = input.string("ReturnItemCollectionMetrics") == "SIZE";
  return request;
}

ApiError gives_way() { return {ErrorType::kInternalServerError, {}}; }

storage::Patience patience_of(const OperationContext& context, WithTransactions with_transactions) {
  const storage::Wait wait =
      context.is_on_network_thread ? storage::Wait::kMoment : storage::Wait::kUntilFree;
  const bool waits_for_all = with_transactions == WithTransactions::kWait;
  return {.with_writes = wait, .with_transactions = waits_for_all ? wait : storage::Wait::kNever};
}

ApiResult<void> check_no_delay(const storage::Transaction& transaction, OperationContext& context) {
  if (!context.is_on_network_thread || !transaction.may_delay()) return {};
  context.takes_long = true;
  return fail(gives_way());
}

ApiResult<void> lock(std::vector<storage::ItemRef> refs, storage::Transaction& transaction,
                     OperationContext& context, WithTransactions with_transactions) {
  RETURN_IF_ERROR(check_no_delay(transaction, context));
  const auto conflicts = transaction.try_lock(std::move(refs), storage::LockHolder::kWrite,
                                              patience_of(context, with_transactions));
  if (conflicts.empty()) return {};
  if (with_transactions == WithTransactions::kConflict &&
      conflicts.front().holder == storage::LockHolder::kTransaction) {
    return fail(transaction_conflict());
  }
  context.takes_long = true;
  return fail(gives_way());
}

ApiResult<WriteResponse> execute_write(WriteRequest& request, OperationContext& context) {
  const auto terms = [&request](const model::TableSchema& schema) {
    AccessTerms asked;
    asked.return_consumed_capacity = name_of(request.return_consumed_capacity);
    add_write_terms(request.write, schema, &asked);
    return asked;
  };
  ASSIGN_OR_RETURN(const auto table,
                   active_table(context, request.table_name, {.action = request.action, .terms = terms}));
  ASSIGN_OR_RETURN(storage::ItemRef ref, locate(request.write, table));
  const bool with_metrics = request.return_item_collection_metrics && has_item_collections(*table);
  if (with_metrics && context.defers_commit) {  // they are those behind the write
    context.takes_long = true;
    return fail(gives_way());
  }
  const model::Key key = with_metrics ? ref.key : model::Key();

  auto transaction = context.engine.begin();
  RETURN_IF_ERROR(lock({std::move(ref)}, *transaction, context, WithTransactions::kConflict));
  WriteResponse response;
  ASSIGN_OR_RETURN(const auto old_item, transaction->read(0));
  if (old_item && context.gives_way(old_item->text().size())) return fail(gives_way());
  auto applied = apply_to(old_item, request.write, *table, *transaction, 0);
  if (!applied) {
    // A condition costs what writing the item that is there would.
    if (applied.error().type == ErrorType::kConditionalCheckFailed) {
      meter_write(*table, model::write_units(old_item ? old_item->size_bytes : 0), 0);
    }
    return fail(std::move(applied).error());
  }
  response.result = *std::move(applied);
  if (context.defers_commit) {
    context.deferred = DeferredCommit::begin(std::move(transaction));
  } else {
    RETURN_IF_ERROR(commit(*transaction));
  }

  response.consumed_capacity = ConsumedCapacity(request.table_name, table);
  if (response.consumed_capacity) response.consumed_capacity->charge_write(response.result.effect);
  if (with_metrics) {
    JsonWriter json(&response.item_collection_metrics);
    render_item_collection_metrics(json, context.engine, *table, key);
  }
  return response;
}

void render_write(const WriteRequest& request, const WriteResponse& response, JsonWriter& json) {
  if (response.result.attributes) json.key("Attributes"), json.raw(*response.result.attributes);
  render_consumed_capacity(json, response.consumed_capacity, request.return_consumed_capacity);
  if (!response.item_collection_metrics.empty()) {
    json.key("ItemCollectionMetrics"), json.raw(response.item_collection_metrics);
  }
}

}  // namespace tidemark::api

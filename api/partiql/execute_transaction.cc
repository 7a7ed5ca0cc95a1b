#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/core/table_lookup.h"
#include "api/items/item_shapes.h"
#include "api/items/key_checks.h"
#include "api/partiql/partiql.h"
#include "api/partiql/plan.h"
#include "api/partiql/requests.h"
#include "api/partiql/select.h"
#include "api/transactions/located_items.h"
#include "api/transactions/read_transaction.h"
#include "api/transactions/request_fingerprint.h"
#include "api/transactions/transaction_size.h"
#include "api/transactions/write_transaction.h"

namespace tidemark::api {
namespace {

using partiql::Statement;

constexpr std::size_t kStatementsMax = 100;
constexpr std::int64_t kTokenLengthMax = 36;

struct Entry {
  Statement statement;
  bool return_item_on_failure = false;
};

struct Request {
  std::vector<Entry> entries;
  std::optional<std::string_view> token;
  std::string fingerprint;
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;

  [[nodiscard]] bool reads() const { return entries.front().statement.is_read(); }
};

struct Response {
  std::vector<std::optional<std::string>> items;  // of reads, by position
  std::vector<ConsumedCapacity> consumed_capacity;
  ConsumedCapacity::Kind kind = ConsumedCapacity::Kind::kTransactRead;
};

Shape shape() {
  return structure("ExecuteTransactionInput",
                   {{"ClientRequestToken", string().length(1, kTokenLengthMax)},
                    {"ReturnConsumedCapacity", return_consumed_capacity()},
                    {"TransactStatements",
                     list_of(structure("ParameterizedStatement",
                                       {{"Statement", partiql::statement_text(), Presence::kRequired},
                                        {"Parameters", partiql::parameters()},
                                        {"ReturnValuesOnConditionCheckFailure",
                                         return_values_on_condition_check_failure()}}))
                         .length(1, kStatementsMax),
                     Presence::kRequired}});
}

// What is wrong with a statement is told with its place.
ApiError at_position(std::size_t position, ApiError error) {
  if (error.type != ErrorType::kValidation) return error;
  error.message =
      "Validation failed in TransactStatements[" + std::to_string(position) + "]: " + error.message;
  return error;
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.return_consumed_capacity = return_consumed_capacity_of(input);
  const json::Value list = *input.list("TransactStatements");
  json::Value element;
  for (json::ArrayCursor elements = list.elements(); elements.next(&element);) {
    const Input parameters = input.inside(element);
    ASSIGN_OR_RETURN(const auto values, partiql::read_parameters(parameters));
    auto statement = partiql::parse(parameters.string("Statement").value_or(""), values);
    if (!statement) return fail(at_position(request.entries.size(), statement.error()));
    if (statement->returning != partiql::Returning::kNothing) {
      return fail(at_position(request.entries.size(),
                              validation("RETURNING is not supported in statements of ExecuteTransaction")));
    }
    request.entries.push_back(
        {.statement = *std::move(statement),
         .return_item_on_failure = parameters.string("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"});
    if (request.entries.back().statement.is_read() != request.reads()) {
      return fail(validation("Statements of a transaction must be either all reads or all writes"));
    }
  }
  request.token = input.string("ClientRequestToken");
  if (request.token) request.fingerprint = fingerprint_of(list);
  return request;
}

// Writes.

ApiResult<Response> write(const Request& request, OperationContext& context) {
  WriteTransaction transaction;
  transaction.token = request.token;
  transaction.fingerprint = request.fingerprint;
  transaction.return_consumed_capacity = request.return_consumed_capacity;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < request.entries.size(); ++i) {
    const Entry& entry = request.entries[i];
    ASSIGN_OR_RETURN(const auto table, active_table(context, entry.statement.table,
                                                    partiql::access_of(entry.statement, context.operation)));
    auto write = partiql::write_of(entry.statement, table->schema, entry.return_item_on_failure);
    if (!write) return fail(at_position(i, write.error()));
    bytes += write->item.size_bytes;
    transaction.actions.push_back({.table_name = entry.statement.table,
                                   .write = *std::move(write),
                                   .policy_action = partiql::action_of(entry.statement)});
  }
  RETURN_IF_ERROR(check_transaction_size(bytes));
  ASSIGN_OR_RETURN(WriteTransactionResult result, carry_out(transaction, context));
  return Response{.items = {},
                  .consumed_capacity = std::move(result.consumed_capacity),
                  .kind = result.is_replay ? ConsumedCapacity::Kind::kTransactRead
                                           : ConsumedCapacity::Kind::kTransactWrite};
}

// Reads.

ApiResult<std::vector<std::string>> keys_of_reads(const Request& request, const OperationContext& context) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < request.entries.size(); ++i) {
    const Statement& statement = request.entries[i].statement;
    ASSIGN_OR_RETURN(const auto table, active_table(context, statement.table,
                                                    partiql::access_of(statement, context.operation)));
    const auto conditions = partiql::keyed_conditions(statement, table->schema.keys);
    if (statement.index || !conditions || conditions->others) {
      return fail(
          at_position(i, validation("Select statements within ExecuteTransaction must specify the primary "
                                    "key in the where clause.")));
    }
    auto key = partiql::item_of(conditions->key);
    if (!key) return fail(at_position(i, key.error()));
    keys.push_back(std::move(key->text));
  }
  return keys;
}

ApiResult<Response> read(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const auto keys, keys_of_reads(request, context));
  std::vector<ActionItem> actions;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Statement& statement = request.entries[i].statement;
    actions.push_back({.table_name = statement.table,
                       .key = keys[i],
                       .access = partiql::access_of(statement, context.operation)});
  }
  const auto locate = [&keys](std::size_t position,
                              const storage::TablePtr& table) -> ApiResult<storage::ItemRef> {
    storage::ItemRef ref;
    ref.table = table;
    ASSIGN_OR_RETURN(ref.key, key_of_request(table->schema.keys, keys[position]));
    return ref;
  };
  const auto show = [&request](std::size_t position, std::string_view text) {
    return partiql::projected(request.entries[position].statement, text);
  };
  ASSIGN_OR_RETURN(ReadTransaction result, read_together(actions, context, locate, show));
  return Response{.items = std::move(result.items), .consumed_capacity = std::move(result.consumed_capacity)};
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  return request.reads() ? read(request, context) : write(request, context);
}

void render(const Request& request, const Response& response, JsonWriter& json) {
  render_responses(response.items, json);
  if (request.return_consumed_capacity == ReturnConsumedCapacity::kNone) return;
  render_consumed_capacity(json, response.consumed_capacity, request.return_consumed_capacity, response.kind);
}

}  // namespace

Operation execute_transaction() {
  return make_operation("ExecuteTransaction", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

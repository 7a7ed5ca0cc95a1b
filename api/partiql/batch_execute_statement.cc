#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "api/core/table_lookup.h"
#include "api/items/item_shapes.h"
#include "api/items/key_checks.h"
#include "api/partiql/lexer.h"
#include "api/partiql/partiql.h"
#include "api/partiql/plan.h"
#include "api/partiql/requests.h"
#include "api/partiql/select.h"
#include "api/transactions/table_accounts.h"
#include "model/words/items.h"
#include "storage/query.h"

namespace tidemark::api {
namespace {

using partiql::Statement;

constexpr std::size_t kStatementsMax = 25;

struct Entry {
  ApiResult<Statement> statement;
  bool consistent = false;
  bool return_item_on_failure = false;
};

struct Request {
  std::vector<Entry> entries;
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
};

// What became of one statement.
struct Outcome {
  std::string_view table_name;  // empty: it did not come to that
  std::string item;             // of a read that found one
  std::optional<ApiError> error;
};

struct Response {
  std::vector<Outcome> outcomes;
  std::vector<ConsumedCapacity> consumed_capacity;  // by table
};

Shape shape() {
  return structure("BatchExecuteStatementInput",
                   {{"Statements",
                     list_of(structure("BatchStatementRequest",
                                       {{"Statement", partiql::statement_text(), Presence::kRequired},
                                        {"Parameters", partiql::parameters()},
                                        {"ConsistentRead", boolean()},
                                        {"ReturnValuesOnConditionCheckFailure",
                                         return_values_on_condition_check_failure()}}))
                         .length(1, kStatementsMax),
                     Presence::kRequired},
                    {"ReturnConsumedCapacity", return_consumed_capacity()}});
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.return_consumed_capacity = return_consumed_capacity_of(input);
  json::Value element;
  std::optional<bool> reads;
  for (json::ArrayCursor elements = input.list("Statements")->elements(); elements.next(&element);) {
    const Input parameters = input.inside(element);
    Entry entry{
        .statement = partiql::read_statement(parameters),
        .consistent = parameters.boolean("ConsistentRead").value_or(false),
        .return_item_on_failure = parameters.string("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"};
    if (entry.statement && entry.statement->kind == partiql::StatementKind::kExists) {
      entry.statement = fail(partiql::expected_statement());
    }
    if (entry.statement) {
      if (reads && *reads != entry.statement->is_read()) {
        return fail(validation("Statements of a batch must be either all reads or all writes"));
      }
      reads = entry.statement->is_read();
    }
    request.entries.push_back(std::move(entry));
  }
  return request;
}

ApiError wrong_select() {
  return validation(
      "Select statements within BatchExecuteStatement must specify the primary key in the where clause.");
}

// The write, or the key of a read.
struct Located {
  Write write;
  storage::ItemRef ref;
};

ApiResult<Located> locate(const Entry& entry, const storage::TablePtr& table) {
  const Statement& statement = *entry.statement;
  Located located;
  if (statement.is_read()) {
    const auto conditions = partiql::keyed_conditions(statement, table->schema.keys);
    if (statement.index || !conditions || conditions->others) return fail(wrong_select());
    ASSIGN_OR_RETURN(const model::Item key, partiql::item_of(conditions->key));
    located.ref.table = table;
    ASSIGN_OR_RETURN(located.ref.key, key_of_request(table->schema.keys, key.text));
    return located;
  }
  ASSIGN_OR_RETURN(located.write, partiql::write_of(statement, table->schema, entry.return_item_on_failure));
  ASSIGN_OR_RETURN(located.ref, api::locate(located.write, table));
  return located;
}

class Batch {
 public:
  Batch(Request& request, OperationContext& context) : request_(request), context_(context) {}

  ApiResult<Response> run();

 private:
  ApiResult<void> run_one(Entry& entry, Outcome* outcome);
  ApiResult<void> read(const Entry& entry, const Located& located, Outcome* outcome);
  ApiResult<void> write(const Entry& entry, Located located);

  Request& request_;
  OperationContext& context_;
  TableAccounts accounts_;
  std::unordered_set<std::string> items_;
};

ApiResult<void> Batch::read(const Entry& entry, const Located& located, Outcome* outcome) {
  ASSIGN_OR_RETURN(const auto item, context_.engine.get(*located.ref.table, located.ref.key));
  accounts_.of(entry.statement->table, located.ref.table)
      .charge_item(item ? item->size_bytes : 0, entry.consistent);
  if (!item) return {};
  ASSIGN_OR_RETURN(outcome->item, partiql::projected(*entry.statement, item->text()));
  return {};
}

// What fails costs as much as a write of the item as it is.
ApiResult<void> Batch::write(const Entry& entry, Located located) {
  const storage::TablePtr table = located.ref.table;
  const auto transaction = context_.engine.begin();
  RETURN_IF_ERROR(lock({std::move(located.ref)}, *transaction, context_, WithTransactions::kConflict));
  ASSIGN_OR_RETURN(const auto old_item, transaction->read(0));
  auto result = apply_to(old_item, located.write, *table, *transaction, 0);
  ConsumedCapacity& account = accounts_.of(entry.statement->table, table);
  if (!result) {
    storage::WriteEffect unchanged;
    unchanged.old_size_bytes = unchanged.new_size_bytes = old_item ? old_item->size_bytes : 0;
    account.charge_write(unchanged);
    return fail(result.error());
  }
  RETURN_IF_ERROR(commit(*transaction));
  account.charge_write(result->effect);
  return {};
}

ApiResult<void> Batch::run_one(Entry& entry, Outcome* outcome) {
  if (!entry.statement) return fail(entry.statement.error());
  outcome->table_name = entry.statement->table;
  ASSIGN_OR_RETURN(const storage::TablePtr table,
                   active_table(context_, entry.statement->table,
                                partiql::access_of(*entry.statement, context_.operation)));
  ASSIGN_OR_RETURN(Located located, locate(entry, table));
  storage::Target target;
  target.table = table;
  if (!items_.insert(storage::encoded_position(target, {}, located.ref.key)).second) {
    return fail(validation(words::kDuplicateKeys));
  }
  if (entry.statement->is_read()) return read(entry, located, outcome);
  return write(entry, std::move(located));
}

ApiResult<Response> Batch::run() {
  Response response;
  for (Entry& entry : request_.entries) {
    Outcome& outcome = response.outcomes.emplace_back();
    if (const auto done = run_one(entry, &outcome); !done) outcome.error = done.error();
  }
  response.consumed_capacity = std::move(accounts_).take();
  return response;
}

ApiResult<Response> execute(Request& request, OperationContext& context) {
  return Batch(request, context).run();
}

std::string_view code_of(ErrorType type) {
  switch (type) {
    case ErrorType::kValidation:
    case ErrorType::kSerialization:
      return "ValidationError";
    case ErrorType::kConditionalCheckFailed:
      return "ConditionalCheckFailed";
    case ErrorType::kResourceNotFound:
      return "ResourceNotFound";
    case ErrorType::kDuplicateItem:
      return "DuplicateItem";
    case ErrorType::kTransactionConflict:
      return "TransactionConflict";
    case ErrorType::kAccessDenied:
      return "AccessDenied";
    default:
      return "InternalServerError";
  }
}

void render_outcome(const Outcome& outcome, JsonWriter& json) {
  json.begin_object();
  if (outcome.error) {
    json.key("Error");
    json.begin_object();
    json.member("Code", code_of(outcome.error->type));
    json.member("Message", outcome.error->message);
    if (!outcome.error->extra_json.empty()) {
      constexpr std::string_view kItem = "\"Item\":";
      json.key("Item"), json.raw(std::string_view(outcome.error->extra_json).substr(kItem.size()));
    }
    json.end_object();
  }
  if (!outcome.item.empty()) json.key("Item"), json.raw(outcome.item);
  if (!outcome.table_name.empty()) json.member("TableName", outcome.table_name);
  json.end_object();
}

void render(const Request& request, const Response& response, JsonWriter& json) {
  json.key("Responses");
  json.begin_array();
  for (const Outcome& outcome : response.outcomes) render_outcome(outcome, json);
  json.end_array();
  render_consumed_capacity(json, response.consumed_capacity, request.return_consumed_capacity);
}

}  // namespace

Operation batch_execute_statement() {
  return make_operation("BatchExecuteStatement", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

#include <optional>
#include <string>
#include <utility>

#include "api/core/table_lookup.h"
#include "api/items/item_shapes.h"
#include "api/partiql/lexer.h"
#include "api/partiql/partiql.h"
#include "api/partiql/requests.h"
#include "api/partiql/select.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/json.h"
#include "model/item.h"

namespace tidemark::api {
namespace {

using partiql::Selected;
using partiql::Statement;

struct Request {
  Statement statement;
  partiql::SelectOptions options;
  std::string_view text;
  bool return_item_on_failure = false;
};

struct Response {
  std::string items;
  std::optional<std::string> last_evaluated_key;
  std::optional<ConsumedCapacity> consumed_capacity;
};

Shape shape() {
  static constexpr std::int64_t kTokenLengthMax = 32'768;
  return structure("ExecuteStatementInput",
                   {{"Statement", partiql::statement_text(), Presence::kRequired},
                    {"Parameters", partiql::parameters()},
                    {"ConsistentRead", boolean()},
                    {"NextToken", string().length(1, kTokenLengthMax)},
                    {"ReturnConsumedCapacity", return_consumed_capacity()},
                    {"Limit", integer().at_least(1)},
                    {"ReturnValuesOnConditionCheckFailure", return_values_on_condition_check_failure()}});
}

// A token is the key of the last item behind a checksum of the statement, in base64.
constexpr std::size_t kChecksumBytes = 4;

std::string checksum_of(std::string_view statement) {
  std::string bytes;
  append_u32_be(&bytes, crc32c(0, statement));
  return bytes;
}

std::string token_of(std::string_view statement, std::string_view last_evaluated_key) {
  return base64_encode(checksum_of(statement).append(last_evaluated_key));
}

ApiResult<std::string> start_of(std::string_view token, std::string_view statement) {
  const auto bytes = base64_decode(token);
  if (!bytes || bytes->size() <= kChecksumBytes) return fail(validation("Invalid NextToken"));
  json::Document document;
  const auto key = document.parse(std::string_view(*bytes).substr(kChecksumBytes));
  if (!key || !key->is_object()) return fail(validation("Invalid NextToken"));
  std::string text;
  if (!model::canonicalize(*key, &text)) return fail(validation("Invalid NextToken"));
  if (bytes->substr(0, kChecksumBytes) != checksum_of(statement)) {
    return fail(validation("NextToken does not match request"));
  }
  return text;
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.text = input.string("Statement").value_or("");
  ASSIGN_OR_RETURN(request.statement, partiql::read_statement(input));
  if (request.statement.kind == partiql::StatementKind::kExists) {
    return fail(partiql::expected_statement());
  }
  request.options.consistent = input.boolean("ConsistentRead").value_or(false);
  if (const auto limit = input.integer("Limit")) request.options.limit = static_cast<std::uint64_t>(*limit);
  if (const auto token = input.string("NextToken")) {
    ASSIGN_OR_RETURN(request.options.start_after, start_of(*token, request.text));
  }
  request.options.return_consumed_capacity = return_consumed_capacity_of(input);
  request.return_item_on_failure = input.string("ReturnValuesOnConditionCheckFailure") == "ALL_OLD";
  return request;
}

ApiResult<Response> write(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const auto table, active_table(context, request.statement.table,
                                                  partiql::access_of(request.statement, context.operation)));
  WriteRequest write;
  write.table_name = request.statement.table;
  write.action = partiql::action_of(request.statement);
  ASSIGN_OR_RETURN(write.write,
                   partiql::write_of(request.statement, table->schema, request.return_item_on_failure));
  write.return_consumed_capacity = request.options.return_consumed_capacity;
  ASSIGN_OR_RETURN(WriteResponse written, execute_write(write, context));
  return Response{.items = std::move(written.result.attributes).value_or(""),
                  .last_evaluated_key = {},
                  .consumed_capacity = std::move(written.consumed_capacity)};
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  if (!request.statement.is_read()) return write(request, context);
  ASSIGN_OR_RETURN(Selected selected, partiql::select(request.statement, request.options, context));
  return Response{.items = std::move(selected.items),
                  .last_evaluated_key = std::move(selected.last_evaluated_key),
                  .consumed_capacity = std::move(selected.consumed_capacity)};
}

void render(const Request& request, const Response& response, JsonWriter& json) {
  json.key("Items");
  json.begin_array();
  if (!response.items.empty()) json.raw(response.items);
  json.end_array();
  if (response.last_evaluated_key) {
    json.member("NextToken", token_of(request.text, *response.last_evaluated_key));
    json.key("LastEvaluatedKey"), json.raw(*response.last_evaluated_key);
  }
  render_consumed_capacity(json, response.consumed_capacity, request.options.return_consumed_capacity);
}

}  // namespace

Operation execute_statement() {
  return make_operation("ExecuteStatement", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api

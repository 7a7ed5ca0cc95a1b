#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/expression/projection.h"
#include "api/items/item_terms.h"
#include "api/items/key_checks.h"
#include "api/items/key_paths.h"
#include "api/items/projection_parameters.h"
#include "api/transactions/read_transaction.h"
#include "api/transactions/transactions.h"

namespace tidemark::api {
namespace {

constexpr std::size_t kGetsMax = 100;

struct Get {
  std::string_view table_name;  // as sent
  std::string key;              // canonical text
  std::optional<expression::Projection> projection;
};

struct Request {
  std::vector<Get> gets;
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
};

Shape shape() {
  Shape table_name = table_name_or_arn();
  table_name.reported_alone = false;
  return structure(
      "TransactGetItemsInput",
      {
          {"ReturnConsumedCapacity", return_consumed_capacity()},
          {"TransactItems",
           list_of(structure("TransactGetItem",
                             {{"Get",
                               structure("Get", {{"Key", attribute_map(), Presence::kRequired},
                                                 {"TableName", std::move(table_name), Presence::kRequired},
                                                 {"ProjectionExpression", string()},
                                                 {"ExpressionAttributeNames", expression_names()}}),
                               Presence::kRequired}}))
               .length(1, kGetsMax),
           Presence::kRequired},
      });
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.return_consumed_capacity = return_consumed_capacity_of(input);
  json::Value element;
  for (json::ArrayCursor elements = input.list("TransactItems")->elements(); elements.next(&element);) {
    const Input parameters = *input.inside(element).structure("Get");
    Get& get = request.gets.emplace_back();
    get.table_name = *parameters.string("TableName");
    ASSIGN_OR_RETURN(get.projection, parse_projection(parameters));
    const auto key_size = model::canonicalize(*parameters.object("Key"), &get.key);
    if (!key_size) return fail(value_error(key_size.error(), input.wording()));
  }
  return request;
}

ApiResult<storage::ItemRef> locate_get(const Get& get, const storage::TablePtr& table) {
  storage::ItemRef ref;
  ref.table = table;
  ASSIGN_OR_RETURN(ref.key, key_of_request(table->schema.keys, get.key));
  if (get.projection) {
    RETURN_IF_ERROR(check_key_paths(table->schema, expression::paths_of(*get.projection)));
  }
  return ref;
}

ApiResult<std::string> shown(const Get& get, std::string_view text) {
  if (!get.projection) return std::string(text);
  std::string projected;
  RETURN_IF_ERROR(expression::append_projected(&projected, *get.projection, text));
  return projected;
}

ApiResult<ReadTransaction> execute(const Request& request, OperationContext& context) {
  std::vector<ActionItem> items;
  items.reserve(request.gets.size());
  for (const Get& get : request.gets) {
    const auto terms = [&request, &get, &context](const model::TableSchema& schema) {
      AccessTerms asked;
      asked.enclosing_operation = context.operation;
      asked.return_consumed_capacity = name_of(request.return_consumed_capacity);
      add_key_terms(get.key, get.projection, schema, &asked);
      return asked;
    };
    items.push_back(
        {.table_name = get.table_name, .key = get.key, .access = {.action = "GetItem", .terms = terms}});
  }
  return read_together(
      items, context,
      [&request](std::size_t position, const storage::TablePtr& table) {
        return locate_get(request.gets[position], table);
      },
      [&request](std::size_t position, std::string_view text) {
        return shown(request.gets[position], text);
      });
}

void render(const Request& request, const ReadTransaction& response, JsonWriter& json) {
  render_responses(response.items, json);
  render_consumed_capacity(json, response.consumed_capacity, request.return_consumed_capacity,
                           ConsumedCapacity::Kind::kTransactRead);
}

}  // namespace

Operation transact_get_items() {
  return make_operation("TransactGetItems", Cost::kSlow, shape(), parse, execute, render).of_any_moment();
}

}  // namespace tidemark::api

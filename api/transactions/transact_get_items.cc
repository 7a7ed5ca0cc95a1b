#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/core/past.h"
#include "api/expression/projection.h"
#include "api/items/key_checks.h"
#include "api/items/key_paths.h"
#include "api/items/projection_parameters.h"
#include "api/transactions/cancellation.h"
#include "api/transactions/located_items.h"
#include "api/transactions/table_accounts.h"
#include "api/transactions/transactions.h"
#include "model/words/transactions.h"

namespace tidemark::api {
namespace {

constexpr std::size_t kGetsMax = 100;
constexpr std::uint64_t kItemBytesMax = 4ULL << 20;

struct Get {
  std::string_view table_name;  // as sent
  std::string key;              // canonical text
  std::optional<expression::Projection> projection;
};

struct Request {
  std::vector<Get> gets;
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
};

struct Response {
  std::vector<std::optional<std::string>> items;    // by position, as canonical text
  std::vector<ConsumedCapacity> consumed_capacity;  // by table
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

ApiResult<std::vector<LocatedItem>> locate_gets(const Request& request, const OperationContext& context) {
  std::vector<ActionItem> items;
  items.reserve(request.gets.size());
  for (const Get& get : request.gets) items.push_back({get.table_name, get.key});
  return locate_items(items, context, [&request](std::size_t position, const storage::TablePtr& table) {
    return locate_get(request.gets[position], table);
  });
}

// Keys that fit no table, and items that somebody is writing to at this moment, cancel the whole of it.
// Nobody writes to the past.
ApiResult<void> check_gets(const std::vector<LocatedItem>& items, const OperationContext& context) {
  Cancellation cancellation(items.size());
  std::vector<storage::ItemRef> refs;
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].item) {
      RETURN_IF_ERROR(cancellation.add(i, items[i].item.error()));
      continue;
    }
    refs.push_back(*items[i].item);
    positions.push_back(i);
  }
  if (!context.as_of) {
    for (const storage::LockConflict& held : context.engine.held_items(refs)) {
      cancellation.add_conflict(positions[held.position]);
    }
  }
  if (cancellation.any()) return fail(cancellation.error());
  return {};
}

ApiResult<std::optional<std::string>> shown(const Get& get, std::optional<storage::StoredItem> item) {
  if (!item) return std::nullopt;
  if (!get.projection) return std::string(item->text());
  std::string projected;
  RETURN_IF_ERROR(expression::append_projected(&projected, *get.projection, item->text()));
  return projected;
}

ApiResult<std::unique_ptr<storage::ReadView>> view_of(const std::vector<LocatedItem>& items,
                                                      const OperationContext& context) {
  if (!context.as_of) return context.engine.view();
  std::vector<storage::TableId> tables;
  tables.reserve(items.size());
  for (const LocatedItem& located : items) tables.push_back(located.table->id);
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  return past_view(context, tables);
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const auto items, locate_gets(request, context));
  RETURN_IF_ERROR(check_gets(items, context));
  ASSIGN_OR_RETURN(const auto view, view_of(items, context));
  Response response;
  TableAccounts accounts;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ASSIGN_OR_RETURN(auto item, view->get(*items[i].table, items[i].item->key));
    const std::uint32_t size_bytes = item ? item->size_bytes : 0;
    bytes += size_bytes;
    if (bytes > kItemBytesMax) return fail(validation(std::string(words::kTransactionTooLarge)));
    accounts.of(request.gets[i].table_name, items[i].table)
        .charge_item(size_bytes, true, kTransactionCapacityFactor);
    ASSIGN_OR_RETURN(auto text, shown(request.gets[i], std::move(item)));
    response.items.push_back(std::move(text));
  }
  response.consumed_capacity = std::move(accounts).take();
  return response;
}

void render(const Request& request, const Response& response, JsonWriter& json) {
  json.key("Responses");
  json.begin_array();
  for (const auto& item : response.items) {
    json.begin_object();
    if (item) json.key("Item"), json.raw(*item);
    json.end_object();
  }
  json.end_array();
  render_consumed_capacity(json, response.consumed_capacity, request.return_consumed_capacity,
                           ConsumedCapacity::Kind::kTransactRead);
}

}  // namespace

Operation transact_get_items() {
  return make_operation("TransactGetItems", Cost::kSlow, shape(), parse, execute, render).of_any_moment();
}

}  // namespace tidemark::api

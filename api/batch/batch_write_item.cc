#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "api/batch/batches.h"
#include "api/core/table_lookup.h"
#include "api/items/item_collection_metrics.h"
#include "api/items/item_shapes.h"
#include "api/items/item_terms.h"
#include "api/items/item_write.h"
#include "model/words/items.h"
#include "model/words/values.h"

namespace tidemark::api {
namespace {

constexpr std::size_t kWritesMax = 25;

struct TableWrites {
  std::string_view table_name;  // as sent
  std::vector<Write> writes;
};

struct Request {
  std::vector<TableWrites> tables;  // in the order of the request
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
  bool return_item_collection_metrics = false;
};

struct Response {
  std::vector<ConsumedCapacity> consumed_capacity;  // by table; always charged
  std::string item_collection_metrics;              // JSON; the same
};

// Nobody sends a WorkloadProfileName, but messages print it.
Shape shape() {
  return structure(
      "BatchWriteItemInput",
      {
          {"ReturnConsumedCapacity", return_consumed_capacity()},
          {"ReturnItemCollectionMetrics", return_item_collection_metrics()},
          {"RequestItems",
           map_of(
               list_of(structure(
                   "WriteRequest",
                   {
                       {"PutRequest", structure("PutRequest", {{"Item", attribute_map(), Presence::kRequired},
                                                               {"WorkloadProfileName", string()}})},
                       {"DeleteRequest",
                        structure("DeleteRequest", {{"Key", attribute_map(), Presence::kRequired}})},
                   })))
               .length(0, kWritesMax)
               .table_name_keys()
               .map_value_length(1, kWritesMax),
           Presence::kRequired},
      });
}

ApiResult<Write> parse_write(const Input& input) {
  const auto put = input.structure("PutRequest");
  const auto remove = input.structure("DeleteRequest");
  if (put.has_value() == remove.has_value()) {
    // Sic: the service says this of write requests, too.
    return fail(validation(words::kSeveralTypes));
  }
  Write write;
  write.in_batch = true;
  write.kind = put ? WriteKind::kPut : WriteKind::kDelete;
  ASSIGN_OR_RETURN(write.item, put ? item_of(*put, "Item") : item_of(*remove, "Key"));
  if (put) RETURN_IF_ERROR(check_item_size(write.item));
  return write;
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.return_consumed_capacity = return_consumed_capacity_of(input);
  request.return_item_collection_metrics = input.string("ReturnItemCollectionMetrics") == "SIZE";
  const json::Value request_items = *input.object("RequestItems");
  std::size_t count = 0;
  TableWrites table;
  json::Value list;
  for (json::ObjectCursor members = request_items.members(); members.next(&table.table_name, &list);) {
    json::Value element;
    for (json::ArrayCursor elements = list.elements(); elements.next(&element);) {
      ASSIGN_OR_RETURN(Write write, parse_write(input.inside(element)));
      table.writes.push_back(std::move(write));
      if (++count > kWritesMax) {
        return fail(validation("Too many items requested for the BatchWriteItem call"));
      }
    }
    request.tables.push_back(std::exchange(table, {}));
  }
  if (request.tables.empty()) {
    return fail(validation("The requestItems parameter is required for BatchWriteItem"));
  }
  return request;
}

ApiResult<std::vector<storage::TablePtr>> find_tables(const Request& request,
                                                      const OperationContext& context) {
  std::vector<storage::TablePtr> tables;
  for (const TableWrites& writes : request.tables) {
    const auto terms = [&](const model::TableSchema& schema) {
      AccessTerms asked;
      asked.return_consumed_capacity = name_of(request.return_consumed_capacity);
      for (const Write& write : writes.writes) add_write_terms(write, schema, &asked);
      return asked;
    };
    ASSIGN_OR_RETURN(auto table, active_table(context, writes.table_name, {.terms = terms}));
    tables.push_back(std::move(table));
  }
  return tables;
}

// The items of all writes, in order. They must be distinct.
ApiResult<std::vector<storage::ItemRef>> locate_all(const Request& request,
                                                    const std::vector<storage::TablePtr>& tables) {
  std::vector<storage::ItemRef> refs;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    for (const Write& write : request.tables[t].writes) {
      ASSIGN_OR_RETURN(auto ref, locate(write, tables[t]));
      refs.push_back(std::move(ref));
    }
  }
  std::unordered_set<std::string> positions;
  for (const storage::ItemRef& ref : refs) {
    storage::Target target;
    target.table = ref.table;
    if (!positions.insert(storage::encoded_position(target, {}, ref.key)).second) {
      return fail(validation(words::kDuplicateKeys));
    }
  }
  return refs;
}

std::vector<ConsumedCapacity> consumed_capacity(const Request& request,
                                                const std::vector<storage::TablePtr>& tables,
                                                const std::vector<WriteResult>& results) {
  std::vector<ConsumedCapacity> capacities;
  auto result = results.begin();
  for (std::size_t t = 0; t < tables.size(); ++t) {
    ConsumedCapacity& capacity = capacities.emplace_back(request.tables[t].table_name, tables[t]);
    for (std::size_t i = 0; i < request.tables[t].writes.size(); ++i) {
      capacity.charge_write((result++)->effect);
    }
  }
  return capacities;
}

// Each item collection once, by table.
void render_item_collections(const Request& request, const std::vector<storage::ItemRef>& refs,
                             storage::Engine& engine, std::string* out) {
  JsonWriter json(out);
  json.begin_object();
  auto ref = refs.begin();
  for (const TableWrites& table : request.tables) {
    const storage::TablePtr schema = ref->table;
    const auto end = ref + static_cast<std::ptrdiff_t>(table.writes.size());
    if (!has_item_collections(*schema)) {
      ref = end;
      continue;
    }
    json.key(table.table_name);
    json.begin_array();
    std::unordered_set<std::string> seen;
    for (; ref != end; ++ref) {
      if (!seen.insert(ref->key.partition.front().sort_bytes).second) continue;
      render_item_collection_metrics(json, engine, *schema, ref->key);
    }
    json.end_array();
  }
  json.end_object();
}

// The items are independent of one another for the client; that they become visible together is merely
// cheaper.
ApiResult<Response> execute(Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const auto tables, find_tables(request, context));
  ASSIGN_OR_RETURN(const auto refs, locate_all(request, tables));
  const auto transaction = context.engine.begin();
  RETURN_IF_ERROR(lock(refs, *transaction, context, WithTransactions::kWait));
  std::vector<WriteResult> results;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    for (Write& write : request.tables[t].writes) {
      ASSIGN_OR_RETURN(auto result, apply(write, *tables[t], *transaction, results.size()));
      results.push_back(std::move(result));
    }
  }
  RETURN_IF_ERROR(commit(*transaction));

  Response response;
  response.consumed_capacity = consumed_capacity(request, tables, results);
  if (request.return_item_collection_metrics) {
    render_item_collections(request, refs, context.engine, &response.item_collection_metrics);
  }
  return response;
}

void render(const Request& request, const Response& response, JsonWriter& json) {
  json.key("UnprocessedItems");
  json.begin_object();
  json.end_object();
  if (!response.item_collection_metrics.empty()) {
    json.key("ItemCollectionMetrics"), json.raw(response.item_collection_metrics);
  }
  render_consumed_capacity(json, response.consumed_capacity, request.return_consumed_capacity);
}

}  // namespace

Operation batch_write_item() {
  return make_operation("BatchWriteItem", Cost::kQuickWrite, shape(), parse, execute, render);
}

}  // namespace tidemark::api

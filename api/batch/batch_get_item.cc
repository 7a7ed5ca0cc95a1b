#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "api/batch/batches.h"
#include "api/core/past.h"
#include "api/core/table_lookup.h"
#include "api/expression/projection.h"
#include "api/items/item_terms.h"
#include "api/items/key_checks.h"
#include "api/items/key_paths.h"
#include "api/items/parameter_styles.h"
#include "api/items/projection_parameters.h"
#include "model/words/constraints.h"
#include "model/words/items.h"

namespace tidemark::api {
namespace {

constexpr std::size_t kKeysMax = 100;
// What one answer holds; the keys beyond it come back unprocessed.
// Source: API reference of BatchGetItem.
constexpr std::uint64_t kAnswerBytesMax = 16ULL << 20;

struct TableReads {
  std::string_view table_name;    // as sent
  std::vector<std::string> keys;  // canonical texts
  std::optional<expression::Projection> projection;
  bool consistent = false;
  json::Value parameters;  // as sent, for UnprocessedKeys
};

struct Request {
  std::vector<TableReads> tables;  // in the order of the request
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
};

struct Response {
  std::string responses;                            // JSON object
  std::string unprocessed_keys;                     // the same
  std::vector<ConsumedCapacity> consumed_capacity;  // by table; always charged
};

Shape shape() {
  return structure(
      "BatchGetItemInput",
      {
          {"RequestItems",
           map_of(structure("KeysAndAttributes",
                            {
                                {"Keys", list_of(attribute_map()).length(1, kKeysMax).never_echoed(),
                                 Presence::kRequired},
                                {"AttributesToGet", attribute_names()},
                                {"ConsistentRead", boolean()},
                                {"ProjectionExpression", string()},
                                {"ExpressionAttributeNames", expression_names()},
                            }))
               .length(0, kKeysMax)
               .table_name_keys()
               .echoed_as_json(),
           Presence::kRequired},
          {"ReturnConsumedCapacity", return_consumed_capacity()},
      });
}

ApiResult<void> parse_keys(json::Value list, model::Wording wording, std::size_t* total,
                           std::vector<std::string>* keys) {
  std::unordered_set<std::string_view> seen;
  keys->reserve(list.size());  // so that the views in `seen` stay valid
  json::Value element;
  for (json::ArrayCursor elements = list.elements(); elements.next(&element);) {
    std::string& key = keys->emplace_back();
    const auto size = model::canonicalize(element, &key);
    if (!size) return fail(value_error(size.error(), wording));
    if (!seen.insert(key).second) return fail(validation(words::kDuplicateKeys));
    if (++*total > kKeysMax) return fail(validation("Too many items requested for the BatchGetItem call"));
  }
  return {};
}

ApiError no_request_items(model::Wording wording) {
  if (wording == model::Wording::kClassic) {
    return validation("The requestItems parameter is required for BatchGetItem");
  }
  return validation(
      words::violations_detected({words::violation_without_echo("RequestItems", words::length_at_least(1))}));
}

// One style for all tables of the request.
ApiResult<void> check_parameter_styles(json::Value request_items) {
  bool older = false;
  bool newer = false;
  std::string_view name;
  json::Value value;
  for (json::ObjectCursor members = request_items.members(); members.next(&name, &value);) {
    older |= Input(value).has("AttributesToGet");
    newer |= Input(value).has("ProjectionExpression");
  }
  if (!older || !newer) return {};
  return fail(validation(words::two_parameter_styles("AttributesToGet", "ProjectionExpression")));
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.return_consumed_capacity = return_consumed_capacity_of(input);
  const json::Value request_items = *input.object("RequestItems");
  if (request_items.size() == 0) return fail(no_request_items(input.wording()));
  RETURN_IF_ERROR(check_parameter_styles(request_items));
  std::size_t total = 0;
  std::string_view table_name;
  json::Value parameters;
  for (json::ObjectCursor members = request_items.members(); members.next(&table_name, &parameters);) {
    const Input table_input = input.inside(parameters);
    TableReads& table = request.tables.emplace_back();
    table.table_name = table_name;
    table.parameters = parameters;
    table.consistent = table_input.boolean("ConsistentRead").value_or(false);
    RETURN_IF_ERROR(parse_keys(*table_input.list("Keys"), input.wording(), &total, &table.keys));
    ASSIGN_OR_RETURN(table.projection, parse_projection(table_input));
  }
  return request;
}

struct LocatedReads {
  storage::TablePtr table;
  std::vector<model::Key> keys;
};

ApiResult<std::vector<LocatedReads>> locate_all(const Request& request, const OperationContext& context) {
  std::vector<LocatedReads> located;
  for (const TableReads& reads : request.tables) {
    const auto terms = [&](const model::TableSchema& schema) {
      AccessTerms asked;
      asked.return_consumed_capacity = name_of(request.return_consumed_capacity);
      for (const std::string& key : reads.keys) add_key_terms(key, reads.projection, schema, &asked);
      return asked;
    };
    ASSIGN_OR_RETURN(auto table, active_table(context, reads.table_name, {.terms = terms}));
    located.push_back({std::move(table), {}});
  }
  for (std::size_t t = 0; t < located.size(); ++t) {
    const model::TableSchema& schema = located[t].table->schema;
    const TableReads& reads = request.tables[t];
    for (const std::string& text : reads.keys) {
      ASSIGN_OR_RETURN(auto key, key_of_request(schema.keys, text));
      located[t].keys.push_back(std::move(key));
    }
    if (reads.projection) RETURN_IF_ERROR(check_key_paths(schema, expression::paths_of(*reads.projection)));
  }
  return located;
}

void copy_string_map(JsonWriter& json, json::Value map) {
  json.begin_object();
  std::string_view name;
  json::Value value;
  for (json::ObjectCursor members = map.members(); members.next(&name, &value);) {
    if (value.is_string()) json.member(name, value.string());
  }
  json.end_object();
}

// The request that reads what was left: the remaining keys of a table and how to read them.
void render_unprocessed(JsonWriter& json, const TableReads& reads, std::size_t first) {
  const Input parameters(reads.parameters);
  json.key(reads.table_name);
  json.begin_object();
  json.key("Keys");
  json.begin_array();
  for (std::size_t i = first; i < reads.keys.size(); ++i) json.raw(reads.keys[i]);
  json.end_array();
  if (const auto names = parameters.list("AttributesToGet")) {
    json.key("AttributesToGet");
    json.begin_array();
    json::Value name;
    for (json::ArrayCursor elements = names->elements(); elements.next(&name);) json.string(name.string());
    json.end_array();
  }
  if (reads.consistent) json.member("ConsistentRead", true);
  if (const auto text = parameters.string("ProjectionExpression")) json.member("ProjectionExpression", *text);
  if (const auto names = parameters.object("ExpressionAttributeNames")) {
    json.key("ExpressionAttributeNames");
    copy_string_map(json, *names);
  }
  json.end_object();
}

using ReadOne = std::function<Result<std::optional<storage::StoredItem>>(const storage::Table& table,
                                                                         const model::Key& key)>;

// Appends the items of one table, while they fit into the answer; returns how many keys were looked at.
ApiResult<std::size_t> read_table(const TableReads& reads, const LocatedReads& located,
                                  const ReadOne& read_one, std::uint64_t* answer_bytes,
                                  ConsumedCapacity* capacity, JsonWriter& json) {
  std::string projected;
  for (std::size_t i = 0; i < located.keys.size(); ++i) {
    ASSIGN_OR_RETURN(const auto item, read_one(*located.table, located.keys[i]));
    const std::uint32_t size_bytes = item ? item->size_bytes : 0;
    if (*answer_bytes + size_bytes > kAnswerBytesMax) return i;
    *answer_bytes += size_bytes;
    capacity->charge_item(size_bytes, reads.consistent);
    if (!item) continue;
    if (reads.projection) {
      projected.clear();
      RETURN_IF_ERROR(expression::append_projected(&projected, *reads.projection, item->text()));
      json.raw(projected);
    } else {
      json.raw(item->text());
    }
  }
  return located.keys.size();
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const auto located, locate_all(request, context));
  std::unique_ptr<storage::ReadView> past;
  if (context.as_of) {
    std::vector<storage::TableId> tables;
    for (const LocatedReads& reads : located) tables.push_back(reads.table->id);
    ASSIGN_OR_RETURN(past, past_view(context, tables));
  }
  const ReadOne read_one = [&](const storage::Table& table, const model::Key& key) {
    return past ? past->get(table, key) : context.engine.get(table, key);
  };
  Response response;
  JsonWriter responses(&response.responses);
  JsonWriter unprocessed(&response.unprocessed_keys);
  responses.begin_object();
  unprocessed.begin_object();
  std::uint64_t answer_bytes = 0;
  for (std::size_t t = 0; t < located.size(); ++t) {
    const TableReads& reads = request.tables[t];
    ConsumedCapacity& capacity = response.consumed_capacity.emplace_back(reads.table_name, located[t].table);
    responses.key(reads.table_name);
    responses.begin_array();
    ASSIGN_OR_RETURN(const std::size_t done,
                     read_table(reads, located[t], read_one, &answer_bytes, &capacity, responses));
    responses.end_array();
    if (done < reads.keys.size()) render_unprocessed(unprocessed, reads, done);
  }
  responses.end_object();
  unprocessed.end_object();
  return response;
}

void render(const Request& request, const Response& response, JsonWriter& json) {
  json.key("Responses"), json.raw(response.responses);
  json.key("UnprocessedKeys"), json.raw(response.unprocessed_keys);
  render_consumed_capacity(json, response.consumed_capacity, request.return_consumed_capacity);
}

}  // namespace

Operation batch_get_item() {
  return make_operation("BatchGetItem", Cost::kSlow, shape(), parse, execute, render)
      .read_by(Layer::kNewer)
      .of_any_moment();
}

}  // namespace tidemark::api

#include <optional>
#include <string>
#include <string_view>

#include "api/core/past.h"
#include "api/core/table_lookup.h"
#include "api/expression/projection.h"
#include "api/expression/resolve.h"
#include "api/items/item_terms.h"
#include "api/items/items.h"
#include "api/items/key_checks.h"
#include "api/items/key_paths.h"
#include "api/items/parameter_styles.h"
#include "api/items/projection_parameters.h"

namespace tidemark::api {
namespace {

struct Request {
  std::string_view table_name;
  std::string key;  // canonical text
  std::optional<expression::Projection> projection;
  bool consistent = false;
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
};

struct Response {
  std::optional<storage::StoredItem> item;
  std::string projected;  // with a projection: what is left of the item
  std::optional<ConsumedCapacity> consumed_capacity;
};

Shape shape() {
  return structure("GetItemInput", {
                                       {"ReturnConsumedCapacity", return_consumed_capacity()},
                                       {"AttributesToGet", attribute_names()},
                                       {"TableName", table_name_or_arn(), Presence::kRequired},
                                       {"Key", attribute_map(), Presence::kRequired},
                                       {"ConsistentRead", boolean()},
                                       {"ProjectionExpression", string()},
                                       {"ExpressionAttributeNames", expression_names()},
                                   });
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.table_name = *input.string("TableName");
  request.consistent = input.boolean("ConsistentRead").value_or(false);
  request.return_consumed_capacity = return_consumed_capacity_of(input);
  RETURN_IF_ERROR(check_one_parameter_style(input, {"AttributesToGet"}, {"ProjectionExpression"}));
  const auto key_size = model::canonicalize(*input.object("Key"), &request.key);
  if (!key_size) return fail(value_error(key_size.error(), input.wording()));
  ASSIGN_OR_RETURN(request.projection, parse_projection(input));
  return request;
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  const auto terms = [&request](const model::TableSchema& schema) {
    AccessTerms asked;
    asked.return_consumed_capacity = name_of(request.return_consumed_capacity);
    add_key_terms(request.key, request.projection, schema, &asked);
    return asked;
  };
  ASSIGN_OR_RETURN(const auto table, active_table(context, request.table_name, {.terms = terms}));
  ASSIGN_OR_RETURN(const model::Key key, key_of_request(table->schema.keys, request.key));
  if (request.projection) {
    RETURN_IF_ERROR(check_key_paths(table->schema, expression::paths_of(*request.projection)));
  }
  Response response;
  ASSIGN_OR_RETURN(response.item, read_item(context, *table, key));
  if (response.item && request.projection) {
    RETURN_IF_ERROR(
        expression::append_projected(&response.projected, *request.projection, response.item->text()));
  }
  response.consumed_capacity = ConsumedCapacity(request.table_name, table);
  if (response.consumed_capacity) {
    response.consumed_capacity->charge_item(response.item ? response.item->size_bytes : 0,
                                            request.consistent);
  }
  return response;
}

void render(const Request& request, const Response& response, JsonWriter& json) {
  if (response.item) {
    json.key("Item"), json.raw(request.projection ? response.projected : response.item->text());
  }
  render_consumed_capacity(json, response.consumed_capacity, request.return_consumed_capacity);
}

}  // namespace

Operation get_item() {
  return make_operation("GetItem", Cost::kQuickRead, shape(), parse, execute, render)
      .read_by(Layer::kNewer)
      .of_any_moment();
}

}  // namespace tidemark::api

#include <algorithm>

#include "api/expression/key_condition.h"
#include "api/expression/resolve.h"
#include "api/items/item_shapes.h"
#include "api/items/key_paths.h"
#include "api/items/parameter_styles.h"
#include "api/legacy/attributes_to_get.h"
#include "api/legacy/filter_conditions.h"
#include "api/query/key_range.h"
#include "api/query/queries.h"
#include "api/query/read_request.h"
#include "model/words/items.h"

namespace tidemark::api {
namespace {

using expression::ExpressionKind;

struct Request : ReadRequest {
  expression::KeyConditions key_conditions;
  bool reverse = false;
  bool has_legacy_filter = false;  // the filter is QueryFilter
};

Shape shape() {
  return structure("QueryInput", {
                                     {"Select", select()},
                                     {"IndexName", index_name()},
                                     {"ReturnConsumedCapacity", return_consumed_capacity()},
                                     {"QueryFilter", filter_conditions()},
                                     {"TableName", table_name_or_arn(), Presence::kRequired},
                                     {"ConditionalOperator", conditional_operator()},
                                     {"AttributesToGet", attribute_names()},
                                     {"Limit", integer().at_least(1).never_echoed()},
                                     {"KeyConditions", filter_conditions()},
                                     {"ConsistentRead", boolean()},
                                     {"ScanIndexForward", boolean()},
                                     {"ExclusiveStartKey", attribute_map()},
                                     {"ProjectionExpression", string()},
                                     {"FilterExpression", string()},
                                     {"KeyConditionExpression", string()},
                                     {"ExpressionAttributeNames", expression_names()},
                                     {"ExpressionAttributeValues", attribute_map()},
                                 });
}

// KeyConditions may stand beside the newer filter and projection, but not beside its own successor.
ApiResult<void> check_parameter_styles(const Input& input) {
  if (input.has("KeyConditionExpression")) {
    return check_one_parameter_style(
        input, {"AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"},
        {"ProjectionExpression", "FilterExpression", "KeyConditionExpression"});
  }
  return check_one_parameter_style(input, {"AttributesToGet", "QueryFilter", "ConditionalOperator"},
                                   {"ProjectionExpression", "FilterExpression"});
}

ApiResult<void> parse_expressions(const Input& input, Request* request) {
  const auto key_condition = input.string("KeyConditionExpression");
  const auto filter = input.string("FilterExpression");
  const auto projection = input.string("ProjectionExpression");
  const auto names = input.object("ExpressionAttributeNames");
  const auto values = input.object("ExpressionAttributeValues");
  RETURN_IF_ERROR(expression::check_attributes_have_expressions(
      names.has_value(), values.has_value(), key_condition || filter || projection,
      {{"FilterExpression", filter.has_value()}, {"KeyConditionExpression", key_condition.has_value()}},
      input.wording()));
  ASSIGN_OR_RETURN(auto substitutions, expression::Substitutions::parse(names, values, input.wording()));
  ASSIGN_OR_RETURN(
      const auto key_expression,
      expression::compile_optional_condition(ExpressionKind::kKeyCondition, key_condition, substitutions));
  if (filter) {
    ASSIGN_OR_RETURN(request->filter,
                     expression::compile_condition(ExpressionKind::kFilter, *filter, substitutions));
  }
  if (projection) {
    ASSIGN_OR_RETURN(request->projection, expression::compile_projection(*projection, substitutions));
  }
  RETURN_IF_ERROR(substitutions.require_all_used());
  if (!key_expression) return {};
  ASSIGN_OR_RETURN(request->key_conditions, expression::key_conditions_of(*key_expression));
  return {};
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  static_cast<ReadRequest&>(request) = read_request_of(input, ReadKind::kQuery);
  request.reverse = !input.boolean("ScanIndexForward").value_or(true);
  RETURN_IF_ERROR(check_parameter_styles(input));
  ASSIGN_OR_RETURN(request.filter, legacy_filter(input, "QueryFilter"));
  request.has_legacy_filter = request.filter.has_value();
  ASSIGN_OR_RETURN(request.projection, legacy_projection(input));
  if (request.projection) request.projection_parameter = "AttributesToGet";
  if (const auto start_key = input.object("ExclusiveStartKey")) {
    ASSIGN_OR_RETURN(request.start_key, start_key_text(*start_key, input.wording()));
  }
  if (!input.has("KeyConditionExpression") && !input.has("KeyConditions")) {
    return fail(validation(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."));
  }
  RETURN_IF_ERROR(parse_expressions(input, &request));
  if (input.has("KeyConditions")) {
    ASSIGN_OR_RETURN(request.key_conditions, legacy_key_conditions(input));
  }
  return request;
}

bool contains(const storage::KeyRange& range, const std::string& position) {
  return range.begin <= position && position < range.end;
}

// A page can only go on inside what the conditions select.
ApiResult<void> check_start_position(const storage::Target& target, const expression::KeyCondition& condition,
                                     const storage::KeyRange& range, const std::string& position) {
  if (contains(range, position)) return {};
  const bool has_sort_condition =
      condition.op != expression::KeyOperator::kNone || !condition.equal_prefix.empty();
  if (contains(storage::query_range(target, condition.partition, {}), position)) {
    return fail(validation("The provided starting key does not match the range key predicate"));
  }
  if (has_sort_condition) {
    return fail(validation("The query can return at most one row and cannot be restarted"));
  }
  return fail(
      validation("The provided starting key is outside query boundaries based on provided conditions"));
}

ApiResult<void> check_filter(const Request& request, const model::KeySchema& schema) {
  const std::string_view parameter = request.has_legacy_filter ? "QueryFilter" : "Filter Expression";
  const std::vector<std::string> names = expression::referenced_attributes(*request.filter);
  for (const auto* attributes : {&schema.partition_keys, &schema.sort_keys}) {
    for (const model::AttributeDefinition& attribute : *attributes) {
      if (std::find(names.begin(), names.end(), attribute.name) == names.end()) continue;
      return fail(validation(words::key_in_filter(parameter, attribute.name)));
    }
  }
  return {};
}

AccessTerms terms_of(const Request& request, const model::TableSchema& table) {
  AccessTerms terms;
  add_read_terms(request, &terms);
  const model::IndexSchema* const index =
      request.index_name ? table.find_index(*request.index_name) : nullptr;
  const model::KeySchema& keys = index != nullptr ? index->keys : table.keys;
  for (const expression::KeyAttributeCondition& condition : request.key_conditions.conditions) {
    if (terms.attributes || request.projection) terms.add_attributes({condition.attribute});
    const bool is_leading = condition.attribute == keys.partition_keys.front().name;
    if (is_leading && condition.op == expression::KeyOperator::kEqual && condition.low) {
      terms.add_leading_key(*condition.low);
    }
  }
  return terms;
}

ApiResult<ReadResponse> execute(const Request& request, OperationContext& context) {
  const auto terms = [&request](const model::TableSchema& table) { return terms_of(request, table); };
  ASSIGN_OR_RETURN(const storage::Target target, target_of(request, context, terms));
  storage::ReadOptions options;
  options.reverse = request.reverse;
  if (request.start_key) {
    ASSIGN_OR_RETURN(options.start_after, start_position(target, *request.start_key, ReadKind::kQuery));
  }
  ASSIGN_OR_RETURN(const auto condition,
                   expression::bind(request.key_conditions, target.keys(), request.wording));
  const storage::KeyRange range = key_range(target, condition);
  if (options.start_after) {
    RETURN_IF_ERROR(check_start_position(target, condition, range, *options.start_after));
  }
  if (request.filter) {
    RETURN_IF_ERROR(check_filter(request, target.keys()));
    RETURN_IF_ERROR(check_key_paths(target.table->schema, expression::paths_of(*request.filter)));
  }
  if (request.projection) {
    RETURN_IF_ERROR(check_key_paths(target.table->schema, expression::paths_of(*request.projection)));
  }
  ASSIGN_OR_RETURN(const bool fetch_from_table, check_select(request, target));
  return read(request, target, range, options, fetch_from_table, context);
}

}  // namespace

Operation query() {
  return make_operation("Query", Cost::kQuickRead, shape(), parse, execute, render_read)
      .read_by(Layer::kNewer)
      .of_any_moment();
}

}  // namespace tidemark::api

#include <cstdint>
#include <optional>

#include "api/expression/resolve.h"
#include "api/items/item_shapes.h"
#include "api/items/key_paths.h"
#include "api/items/parameter_styles.h"
#include "api/legacy/attributes_to_get.h"
#include "api/legacy/filter_conditions.h"
#include "api/query/queries.h"
#include "api/query/read_request.h"

namespace tidemark::api {
namespace {

using expression::ExpressionKind;

struct Request : ReadRequest {
  std::uint32_t segment = 0;
  std::uint32_t total_segments = 1;
};

Shape shape() {
  return structure("ScanInput", {
                                    {"Select", select()},
                                    {"IndexName", index_name()},
                                    {"TotalSegments", integer().range(1, 1'000'000)},
                                    {"ReturnConsumedCapacity", return_consumed_capacity()},
                                    {"TableName", table_name_or_arn(), Presence::kRequired},
                                    {"ConditionalOperator", conditional_operator()},
                                    {"ScanFilter", filter_conditions()},
                                    {"Segment", integer().range(0, 999'999)},
                                    {"Limit", integer().at_least(1)},
                                    {"AttributesToGet", attribute_names()},
                                    {"ConsistentRead", boolean()},
                                    {"ExclusiveStartKey", attribute_map()},
                                    {"ProjectionExpression", string()},
                                    {"FilterExpression", string()},
                                    {"ExpressionAttributeNames", expression_names()},
                                    {"ExpressionAttributeValues", attribute_map()},
                                });
}

ApiResult<void> parse_segment(const Input& input, Request* request) {
  const auto segment = input.integer("Segment");
  const auto total_segments = input.integer("TotalSegments");
  if (!segment && !total_segments) return {};
  if (!total_segments) {
    return fail(
        validation("The TotalSegments parameter is required but was not present in the request when Segment "
                   "parameter is present"));
  }
  if (!segment) {
    return fail(
        validation("The Segment parameter is required but was not present in the request when parameter "
                   "TotalSegments is present"));
  }
  if (*segment >= *total_segments) {
    return fail(validation(
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
        "Segment: " +
        std::to_string(*segment) + " is not less than TotalSegments: " + std::to_string(*total_segments)));
  }
  request->segment = static_cast<std::uint32_t>(*segment);
  request->total_segments = static_cast<std::uint32_t>(*total_segments);
  return {};
}

ApiResult<void> parse_expressions(const Input& input, Request* request) {
  const auto filter = input.string("FilterExpression");
  const auto projection = input.string("ProjectionExpression");
  const auto names = input.object("ExpressionAttributeNames");
  const auto values = input.object("ExpressionAttributeValues");
  RETURN_IF_ERROR(expression::check_attributes_have_expressions(
      names.has_value(), values.has_value(), filter || projection, {{"FilterExpression", filter.has_value()}},
      input.wording()));
  ASSIGN_OR_RETURN(auto substitutions, expression::Substitutions::parse(names, values, input.wording()));
  if (filter) {
    ASSIGN_OR_RETURN(request->filter,
                     expression::compile_condition(ExpressionKind::kFilter, *filter, substitutions));
  }
  if (projection) {
    ASSIGN_OR_RETURN(request->projection, expression::compile_projection(*projection, substitutions));
  }
  return substitutions.require_all_used();
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  static_cast<ReadRequest&>(request) = read_request_of(input, ReadKind::kScan);
  RETURN_IF_ERROR(check_one_parameter_style(input, {"AttributesToGet", "ScanFilter", "ConditionalOperator"},
                                            {"ProjectionExpression", "FilterExpression"}));
  ASSIGN_OR_RETURN(request.projection, legacy_projection(input));
  if (request.projection) request.projection_parameter = "AttributesToGet";
  ASSIGN_OR_RETURN(request.filter, legacy_filter(input, "ScanFilter"));
  if (const auto start_key = input.object("ExclusiveStartKey")) {
    ASSIGN_OR_RETURN(request.start_key, start_key_text(*start_key, input.wording()));
  }
  RETURN_IF_ERROR(parse_segment(input, &request));
  RETURN_IF_ERROR(parse_expressions(input, &request));
  return request;
}

ApiResult<void> check_start_segment(const Request& request, const storage::KeyRange& range,
                                    const std::string& position) {
  if (range.begin <= position && position < range.end) return {};
  return fail(
      validation("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                 "ExclusiveStartKey with correct "
                 "Segment. TotalSegments: " +
                 std::to_string(request.total_segments) + " Segment: " + std::to_string(request.segment)));
}

ApiResult<ReadResponse> execute(const Request& request, OperationContext& context) {
  const auto terms = [&request](const model::TableSchema&) {
    AccessTerms asked;
    add_read_terms(request, &asked);
    return asked;
  };
  ASSIGN_OR_RETURN(const storage::Target target, target_of(request, context, terms));
  storage::ReadOptions options;
  options.fill_cache = request.limit.has_value();
  if (request.start_key) {
    ASSIGN_OR_RETURN(options.start_after, start_position(target, *request.start_key, ReadKind::kScan));
  }
  if (request.filter) {
    RETURN_IF_ERROR(check_key_paths(target.table->schema, expression::paths_of(*request.filter)));
  }
  if (request.projection) {
    RETURN_IF_ERROR(check_key_paths(target.table->schema, expression::paths_of(*request.projection)));
  }
  ASSIGN_OR_RETURN(const bool fetch_from_table, check_select(request, target));
  const storage::KeyRange range = storage::segment_range(target, request.segment, request.total_segments);
  if (options.start_after) RETURN_IF_ERROR(check_start_segment(request, range, *options.start_after));
  return read(request, target, range, options, fetch_from_table, context);
}

}  // namespace

Operation scan() {
  return make_operation("Scan", Cost::kSlow, shape(), parse, execute, render_read).of_any_moment();
}

}  // namespace tidemark::api

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/core/capacity.h"
#include "api/core/constraints.h"
#include "api/core/table_lookup.h"
#include "api/expression/evaluate.h"
#include "api/expression/projection.h"
#include "api/expression/resolve.h"
#include "api/items/key_paths.h"
#include "api/query/index_projection.h"
#include "api/vectors/body_members.h"
#include "api/vectors/nearest.h"
#include "api/vectors/search_condition.h"
#include "api/vectors/vectors.h"
#include "model/vector.h"
#include "model/words/constraints.h"
#include "model/words/tables.h"
#include "storage/vector_entry.h"

namespace tidemark::api {
namespace {

using expression::ExpressionKind;

constexpr std::int64_t kTopKMax = 100;
// Source: DynamoDB developer guide, "Requirements and limitations" of vector indexes.
constexpr std::size_t kAnswerBytesMax = 16 << 20;

struct Request {
  std::string_view table_name;
  std::string_view index_name;
  std::string vector;  // model/vector.h
  std::size_t top_k = 0;
  std::optional<expression::Condition> condition;
  std::optional<expression::Projection> projection;
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
};

struct Found {
  std::string item;  // canonical text
  double score = 0;
};
struct Response {
  std::vector<Found> results;
  std::uint64_t bytes = 0;  // of the vectors that were looked at, and of what is answered
};

// With the types alone: what is missing, and what breaks a constraint, is told in check().
Shape shape() {
  return structure("SearchVectorsInput", {{"TableName", string()},
                                          {"IndexName", string()},
                                          {"ReturnConsumedCapacity", string()},
                                          {"ExpressionAttributeNames", expression_names()},
                                          {"ExpressionAttributeValues", attribute_map()},
                                          {"ProjectionExpression", string()},
                                          {"SearchVector", list_of(attribute_value())},
                                          {"SearchConditionExpression", string()},
                                          {"TopK", integer()}});
}

const Shape& constraints() {
  static const Shape shape =
      structure("SearchVectorsInput",
                {{"TableName", table_name_or_arn()},
                 {"IndexName", index_name()},
                 {"ReturnConsumedCapacity", return_consumed_capacity()},
                 {"SearchVector", list_of(attribute_value()).length(1, model::kVectorDimensionsMax)}});
  return shape;
}

ApiResult<void> check(const Input& input, const OperationContext& context) {
  static constexpr std::array kMembers = std::to_array<BodyMember>({{"TableName", "a string"},
                                                                    {"IndexName", "a string"},
                                                                    {"SearchVector", "a sequence"},
                                                                    {"TopK", "i32"}});
  RETURN_IF_ERROR(check_body_members(context.body, kMembers));
  return check_constraints(constraints(), input.value(), input.wording());
}

ApiError invalid_values() {
  return validation(
      "Search vector contains invalid values. All values in the search vector must be a 32-bit "
      "floating-point "
      "number attribute");
}

ApiResult<std::string> read_vector(const Input& input) {
  std::string floats;
  json::Value element;
  for (auto elements = input.list("SearchVector")->elements(); elements.next(&element);) {
    const auto value = model::value_from_json(element);
    if (!value) return fail(value_error(value.error(), input.wording()));
    const model::Number* const number = value->number();
    if (number == nullptr || !model::append_float(&floats, number->to_string()))
      return fail(invalid_values());
  }
  return floats;
}

ApiResult<void> read_expressions(const Input& input, Request* request) {
  const auto condition = input.string("SearchConditionExpression");
  const auto projection = input.string("ProjectionExpression");
  const auto names = input.object("ExpressionAttributeNames");
  const auto values = input.object("ExpressionAttributeValues");
  RETURN_IF_ERROR(expression::check_attributes_have_expressions(
      names.has_value(), values.has_value(), condition || projection,
      {{"SearchConditionExpression", condition.has_value()}}, input.wording()));
  ASSIGN_OR_RETURN(auto substitutions, expression::Substitutions::parse(names, values, input.wording()));
  ASSIGN_OR_RETURN(request->condition, expression::compile_optional_condition(
                                           ExpressionKind::kSearchCondition, condition, substitutions));
  ASSIGN_OR_RETURN(request->projection, expression::compile_optional_projection(projection, substitutions));
  RETURN_IF_ERROR(substitutions.require_all_used());
  return request->condition ? check_search_condition(*request->condition) : ApiResult<void>();
}

ApiResult<Request> parse(const Input& input) {
  Request request;
  request.table_name = input.string("TableName").value_or("");
  request.index_name = input.string("IndexName").value_or("");
  request.return_consumed_capacity = return_consumed_capacity_of(input);
  const std::int64_t top_k = input.integer("TopK").value_or(0);
  if (top_k < 1 || top_k > kTopKMax) {
    return fail(validation("Provided TopK value '" + std::to_string(top_k) +
                           "' is out of valid range. The value must be between 1 and " +
                           std::to_string(kTopKMax) + " inclusive"));
  }
  request.top_k = static_cast<std::size_t>(top_k);
  ASSIGN_OR_RETURN(request.vector, read_vector(input));
  RETURN_IF_ERROR(read_expressions(input, &request));
  return request;
}

ApiResult<storage::Target> target_of(const Request& request, const OperationContext& context) {
  storage::Target target;
  ASSIGN_OR_RETURN(target.table, active_table(context, request.table_name, {.index = request.index_name}));
  const model::TableSchema& schema = target.table->schema;
  const model::IndexSchema* const index = schema.find_index(request.index_name);
  const bool is_vector = index != nullptr && index->kind == model::IndexKind::kVector;
  // First an index is allocated, while its table is UPDATING, then it is filled.
  const bool is_allocated = is_vector && !(index->status == model::IndexStatus::kCreating &&
                                           schema.status == model::TableStatus::kUpdating);
  if (!is_allocated || index->status == model::IndexStatus::kDeleting) {
    return fail(validation(words::no_such_index(request.index_name)));
  }
  if (index->status == model::IndexStatus::kCreating) {
    return fail(validation("Cannot search backfilling vector index: " + index->name));
  }
  target.index = index;
  return target;
}

ApiResult<void> check_dimensions(const Request& request, const model::VectorSettings& vector) {
  const std::size_t given = request.vector.size() / model::kBytesPerDimension;
  if (given == vector.dimensions) return {};
  return fail(validation("Input search vector dimension " + std::to_string(given) +
                         " does not match vector index dimension " + std::to_string(vector.dimensions)));
}

ApiResult<void> check_projection(const Request& request, const storage::Target& target) {
  if (!request.projection) return {};
  const model::TableSchema& table = target.table->schema;
  RETURN_IF_ERROR(check_key_paths(table, expression::paths_of(*request.projection)));
  std::string beyond;
  for (const std::string& name : expression::referenced_attributes(*request.projection)) {
    if (!projects(table, *target.index, name)) beyond += (beyond.empty() ? "" : ", ") + name;
  }
  if (beyond.empty()) return {};
  return fail(validation(
      words::invalid_parameter("Vector index " + target.index->name + " does not project [" + beyond + "]")));
}

Error damaged_entry() { return Error::corruption("an entry of a vector index is damaged"); }

// Memory is bound by the entries that are answered and the one that is looked at.
ApiResult<std::vector<Nearest::Candidate>> search(const Request& request, const storage::Target& target,
                                                  const SearchScope& scope, OperationContext& context,
                                                  std::uint64_t* bytes) {
  const model::VectorSettings& vector = *target.index->vector;
  const storage::KeyRange range = scope.partition.empty() ? storage::segment_range(target, 0, 1)
                                                          : storage::query_range(target, scope.partition, {});
  storage::ReadOptions options;
  options.fill_cache = false;
  Nearest nearest(vector.distance, request.top_k);
  const auto cursor = context.engine.read(target, range, options);
  while (cursor->next()) {
    const auto entry = storage::parse_vector_entry(vector, cursor->text());
    if (!entry) return fail(damaged_entry());
    if (scope.has_filters) {
      ASSIGN_OR_RETURN(const bool holds, expression::holds(*request.condition, entry->attributes));
      if (!holds) continue;
    }
    *bytes += entry->floats.size();
    nearest.show(model::vector_score(vector.distance, entry->floats, request.vector), cursor->text());
  }
  RETURN_IF_ERROR(cursor->status());
  return nearest.take();
}

ApiResult<std::string> result_item(const Request& request, const model::VectorSettings& vector,
                                   const std::string& entry_text) {
  const auto entry = storage::parse_vector_entry(vector, entry_text);
  auto item = entry ? storage::item_of(vector, *entry) : std::nullopt;
  if (!item) return fail(damaged_entry());
  if (!request.projection) return *std::move(item);
  std::string projected;
  RETURN_IF_ERROR(expression::append_projected(&projected, *request.projection, *item));
  return projected;
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  ASSIGN_OR_RETURN(const storage::Target target, target_of(request, context));
  const model::VectorSettings& vector = *target.index->vector;
  ASSIGN_OR_RETURN(const SearchScope scope,
                   scope_of(request.condition ? &*request.condition : nullptr, *target.index));
  RETURN_IF_ERROR(check_dimensions(request, vector));
  RETURN_IF_ERROR(check_projection(request, target));
  Response response;
  ASSIGN_OR_RETURN(const auto candidates, search(request, target, scope, context, &response.bytes));
  std::size_t answer_bytes = 0;
  for (const Nearest::Candidate& candidate : candidates) {
    ASSIGN_OR_RETURN(std::string item, result_item(request, vector, candidate.entry));
    answer_bytes += item.size();
    if (answer_bytes > kAnswerBytesMax) {
      return fail(
          validation("The results of SearchVectors are larger than 16 MB: ask for fewer of them, or for "
                     "fewer attributes"));
    }
    model::AttributeCursor attributes(item);
    std::string_view name;
    std::string_view value;
    while (attributes.next(&name, &value)) {
      response.bytes += name.size() + model::value_text_size_bytes(value);
    }
    response.results.push_back({std::move(item), candidate.score});
  }
  return response;
}

void render(const Request& request, const Response& response, JsonWriter& json) {
  if (request.return_consumed_capacity != ReturnConsumedCapacity::kNone) {
    json.key("ConsumedCapacity");
    json.begin_object();
    json.key("VectorSearchRequestBytes"), json.decimal(static_cast<double>(response.bytes));
    json.end_object();
  }
  json.key("SearchResults");
  json.begin_array();
  for (const Found& found : response.results) {
    json.begin_object();
    json.key("Item");
    json.raw(found.item);
    json.key("Score"), json.decimal(found.score);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Operation search_vectors() {
  Operation operation = make_operation("SearchVectors", Cost::kHeavy, shape(), parse, execute, render);
  operation.run = [run = std::move(operation.run)](const Input& input, OperationContext& context,
                                                   std::string* out) -> ApiResult<void> {
    RETURN_IF_ERROR(check(input, context));
    return run(input, context, out);
  };
  return operation;
}

}  // namespace tidemark::api

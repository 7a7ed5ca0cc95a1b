#include "api/exports/export_filter.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/expression/evaluate.h"
#include "api/expression/projection.h"
#include "api/expression/resolve.h"
#include "api/items/key_paths.h"
#include "api/query/key_range.h"
#include "base/json.h"
#include "base/json_copy.h"
#include "base/json_writer.h"
#include "model/words/items.h"

namespace tidemark::api {
namespace {

using expression::ExpressionKind;

ApiError invalid_filter(const std::string& text) {
  return validation("Invalid Request: Invalid FilterSpecification: " + text);
}

class CompiledFilter final : public transfer::ItemFilter {
 public:
  explicit CompiledFilter(ExportFilter filter) : filter_(std::move(filter)) {}

  [[nodiscard]] Result<bool> selects(std::string_view item_text) const override {
    for (const auto* condition : {&filter_.key_condition, &filter_.filter}) {
      if (!*condition) continue;
      ASSIGN_OR_RETURN(const bool holds, expression::holds(**condition, item_text));
      if (!holds) return false;
    }
    return true;
  }

  [[nodiscard]] std::optional<storage::KeyRange> key_range(const storage::Table& table) const override {
    if (!filter_.key_condition) return std::nullopt;
    const auto bound = expression::bind(filter_.key_conditions, table.schema.keys, model::kDefaultWording);
    if (!bound) return std::nullopt;  // refused when the export was asked for
    const storage::Target target{.table = storage::TablePtr(storage::TablePtr(), &table)};  // for this call
    return api::key_range(target, *bound);
  }

  Result<void> append_projected(std::string_view item_text, std::string* out) const override {
    if (filter_.projection) return expression::append_projected(out, *filter_.projection, item_text);
    *out += item_text;
    return {};
  }

 private:
  const ExportFilter filter_;
};

// A partition key by equality, as the schema has it, and no key attribute in the filter beside it.
ApiResult<void> check_key_condition(const ExportFilter& filter, const model::KeySchema& keys,
                                    model::Wording wording) {
  if (!filter.key_condition) return {};
  RETURN_IF_ERROR(expression::bind(filter.key_conditions, keys, wording));
  if (!filter.filter) return {};
  const std::vector<std::string> names = expression::referenced_attributes(*filter.filter);
  for (const auto* attributes : {&keys.partition_keys, &keys.sort_keys}) {
    for (const model::AttributeDefinition& attribute : *attributes) {
      if (std::find(names.begin(), names.end(), attribute.name) == names.end()) continue;
      return fail(validation(words::key_in_filter("Filter Expression", attribute.name)));
    }
  }
  return {};
}

}  // namespace

Shape export_filter_shape() {
  return structure("FilterSpecification", {{"FilterExpression", string()},
                                           {"ProjectionExpression", string()},
                                           {"KeyConditionExpression", string()},
                                           {"ExpressionAttributeNames", expression_names()},
                                           {"ExpressionAttributeValues", attribute_map()}});
}

ApiResult<ExportFilter> parse_export_filter(const Input& specification) {
  const auto key_condition = specification.string("KeyConditionExpression");
  const auto filter = specification.string("FilterExpression");
  const auto projection = specification.string("ProjectionExpression");
  const auto names = specification.object("ExpressionAttributeNames");
  const auto values = specification.object("ExpressionAttributeValues");
  if (!key_condition && !filter && !projection && !names && !values) {
    return fail(invalid_filter("The specification can not be empty"));
  }
  RETURN_IF_ERROR(expression::check_attributes_have_expressions(
      names.has_value(), values.has_value(), key_condition || filter || projection,
      {{"FilterExpression", filter.has_value()}, {"KeyConditionExpression", key_condition.has_value()}},
      specification.wording()));
  ASSIGN_OR_RETURN(auto substitutions,
                   expression::Substitutions::parse(names, values, specification.wording()));
  ExportFilter parsed;
  ASSIGN_OR_RETURN(parsed.key_condition, expression::compile_optional_condition(
                                             ExpressionKind::kKeyCondition, key_condition, substitutions));
  ASSIGN_OR_RETURN(parsed.filter,
                   expression::compile_optional_condition(ExpressionKind::kFilter, filter, substitutions));
  ASSIGN_OR_RETURN(parsed.projection, expression::compile_optional_projection(projection, substitutions));
  RETURN_IF_ERROR(substitutions.require_all_used());
  if (parsed.key_condition) {
    ASSIGN_OR_RETURN(parsed.key_conditions, expression::key_conditions_of(*parsed.key_condition));
  }
  return parsed;
}

std::string filter_text(const Input& specification) {
  static const Shape shape = export_filter_shape();
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  std::string_view name;
  json::Value value;
  for (auto members = specification.value().members(); members.next(&name, &value);) {
    if (value.is_null() || std::ranges::find(shape.members, name, &Member::name) == shape.members.end())
      continue;
    json.key(name);
    write_value(value, json);
  }
  json.end_object();
  return text;
}

ApiResult<void> check_export_filter(const ExportFilter& filter, const model::TableSchema& schema,
                                    model::Wording wording) {
  RETURN_IF_ERROR(check_key_condition(filter, schema.keys, wording));
  if (filter.filter) RETURN_IF_ERROR(check_key_paths(schema, expression::paths_of(*filter.filter)));
  if (filter.projection) {
    RETURN_IF_ERROR(check_key_paths(schema, expression::paths_of(*filter.projection)));
  }
  return {};
}

Result<std::unique_ptr<transfer::ItemFilter>> compile_item_filter(std::string_view specification) {
  json::Document document;
  ASSIGN_OR_RETURN(const json::Value root, document.parse(specification));
  if (!root.is_object()) return fail(Error::invalid_argument("the filter is not a JSON object"));
  auto parsed = parse_export_filter(Input(root));
  if (!parsed) return fail(Error::invalid_argument(parsed.error().message));
  return std::make_unique<CompiledFilter>(*std::move(parsed));
}

}  // namespace tidemark::api

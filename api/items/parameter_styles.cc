#include "api/items/parameter_styles.h"

#include <set>
#include <string>

#include "model/item_size.h"
#include "model/value_error.h"

namespace tidemark::api {
namespace {

// `Expected, ConditionalOperator`: those of the list that the request has.
std::string given_names(const Input& input, std::initializer_list<std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!input.has(name)) continue;
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

}  // namespace

ApiResult<void> check_one_parameter_style(const Input& input, std::initializer_list<std::string_view> older,
                                          std::initializer_list<std::string_view> expressions) {
  const std::string older_given = given_names(input, older);
  if (older_given.empty()) return {};
  const std::string expressions_given = given_names(input, expressions);
  if (expressions_given.empty()) return {};
  return fail(
      validation("Can not use both expression and non-expression parameters in the same request: "
                 "Non-expression parameters: {" +
                 older_given + "} Expression parameters: {" + expressions_given + "}"));
}

ApiResult<void> refuse_unsupported(const Input& input, std::initializer_list<std::string_view> parameters) {
  const std::string given = given_names(input, parameters);
  if (given.empty()) return {};
  return fail(not_implemented_error("This server does not support these parameters yet: " + given +
                                    ". Use expressions instead."));
}

ApiResult<std::optional<expression::Projection>> attributes_to_get(const Input& input) {
  const auto names = input.list("AttributesToGet");
  if (!names) return std::nullopt;
  expression::Projection projection;
  std::set<std::string_view> seen;
  json::Value element;
  for (json::ArrayCursor elements = names->elements(); elements.next(&element);) {
    const std::string_view name = element.string();
    if (name.empty() || name.size() > model::kAttributeNameBytesMax) {
      const auto defect =
          name.empty() ? model::ValueDefect::kEmptyAttributeName : model::ValueDefect::kAttributeNameTooLong;
      return fail(value_error({.defect = defect}, input.wording()));
    }
    if (!seen.insert(name).second) {
      return fail(
          validation("One or more parameter values were invalid: Duplicate value in attribute name: " +
                     std::string(name)));
    }
    expression::Path path;
    path.steps.emplace_back(std::string(name));
    projection.paths.push_back(std::move(path));
  }
  return projection;
}

}  // namespace tidemark::api

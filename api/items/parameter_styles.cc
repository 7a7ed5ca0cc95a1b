#include "api/items/parameter_styles.h"

#include <string>

#include "model/words/constraints.h"

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
  return fail(validation(words::two_parameter_styles(older_given, expressions_given)));
}

}  // namespace tidemark::api

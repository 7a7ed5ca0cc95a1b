#include "api/legacy/attributes_to_get.h"

#include <set>
#include <string>
#include <string_view>

#include "api/legacy/comparison.h"
#include "model/words/constraints.h"

namespace tidemark::api {

ApiResult<std::optional<expression::Projection>> legacy_projection(const Input& input) {
  const auto names = input.list("AttributesToGet");
  if (!names) return std::nullopt;
  expression::Projection projection;
  std::set<std::string_view> seen;
  json::Value element;
  for (json::ArrayCursor elements = names->elements(); elements.next(&element);) {
    const std::string_view name = element.string();
    ASSIGN_OR_RETURN(expression::Path path, legacy_path_of(name, input.wording()));
    if (!seen.insert(name).second) {
      return fail(
          validation(words::invalid_parameter("Duplicate value in attribute name: " + std::string(name))));
    }
    projection.paths.push_back(std::move(path));
  }
  return projection;
}

}  // namespace tidemark::api

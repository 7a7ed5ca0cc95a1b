#include "api/items/projection_parameters.h"

#include "api/expression/resolve.h"
#include "api/legacy/attributes_to_get.h"

namespace tidemark::api {

ApiResult<std::optional<expression::Projection>> parse_projection(const Input& input) {
  ASSIGN_OR_RETURN(auto projection, legacy_projection(input));
  const auto text = input.string("ProjectionExpression");
  const auto names = input.object("ExpressionAttributeNames");
  if (!text && !names) return projection;
  RETURN_IF_ERROR(expression::check_attributes_have_expressions(names.has_value(), false, text.has_value(),
                                                                {}, input.wording()));
  ASSIGN_OR_RETURN(auto substitutions,
                   expression::Substitutions::parse(names, std::nullopt, input.wording()));
  ASSIGN_OR_RETURN(projection, expression::compile_optional_projection(text, substitutions));
  RETURN_IF_ERROR(substitutions.require_all_used());
  return projection;
}

}  // namespace tidemark::api

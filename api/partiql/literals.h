// Values in statements: literals and parameters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "api/core/error.h"
#include "api/expression/ast.h"
#include "api/partiql/token_stream.h"

namespace tidemark::api::partiql {

class Literals {
 public:
  // Both outlive this.
  Literals(TokenStream* tokens, const std::vector<model::AttributeValue>& parameters)
      : tokens_(*tokens), parameters_(parameters) {}

  [[nodiscard]] bool is_next() const;
  // `place` is how messages about numbers call it: `root`, `root.a[1]`.
  ApiResult<model::AttributeValue> value(const std::string& place);
  // The value of an INSERT.
  ApiResult<model::AttributeMap> item();
  ApiResult<std::uint64_t> list_index();

  // `set_add(a, <<...>>)` and `set_delete(a, <<...>>)`, whose first argument must be `target`.
  [[nodiscard]] bool is_set_function() const;
  ApiResult<expression::UpdateActionKind> set_function(
      const expression::Path& target, expression::Operand* operand,
      const std::function<ApiResult<expression::Path>()>& parse_path);

  [[nodiscard]] ApiResult<void> require_all_parameters_used() const;

 private:
  ApiResult<model::AttributeValue> parameter();
  ApiResult<model::AttributeValue> number(const std::string& place);
  ApiResult<model::AttributeValue> list(const std::string& place);
  ApiResult<model::AttributeValue> map(const std::string& place);
  ApiResult<model::AttributeValue> set(const std::string& place);

  TokenStream& tokens_;
  const std::vector<model::AttributeValue>& parameters_;
  std::size_t used_ = 0;
};

}  // namespace tidemark::api::partiql

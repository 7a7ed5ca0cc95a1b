#include "api/bulk/put_condition.h"

#include <optional>
#include <utility>

#include "api/core/shape.h"
#include "api/core/type_check.h"
#include "api/expression/evaluate.h"
#include "api/items/item_write.h"
#include "api/items/key_paths.h"
#include "base/json.h"

namespace tidemark::api {
namespace {

class CompiledCondition final : public transfer::PutCondition {
 public:
  explicit CompiledCondition(expression::Condition condition) : condition_(std::move(condition)) {}

  [[nodiscard]] Result<bool> holds(std::optional<std::string_view> old_item) const override {
    if (old_item) return expression::holds(condition_, *old_item);
    return expression::holds(condition_, static_cast<const model::AttributeMap*>(nullptr));
  }

 private:
  const expression::Condition condition_;
};

ApiResult<std::optional<expression::Condition>> condition_of(const Input& input,
                                                             const model::TableSchema& schema) {
  Write write;
  RETURN_IF_ERROR(parse_write_expressions(input, &write));
  if (write.condition) RETURN_IF_ERROR(check_key_paths(schema, expression::paths_of(*write.condition)));
  return std::move(write.condition);
}

}  // namespace

Result<std::unique_ptr<transfer::PutCondition>, std::string> compile_put_condition(
    std::string_view record, const model::TableSchema& schema) {
  // Most records have none, and need not be read again.
  if (record.find("Expression") == std::string_view::npos) return nullptr;
  static const Shape shape = structure("BulkPutRecord", {{"ConditionExpression", string()},
                                                         {"ExpressionAttributeNames", expression_names()},
                                                         {"ExpressionAttributeValues", attribute_map()}});
  json::Document document;
  const auto root = document.parse(record);
  if (!root || !root->is_object()) return fail(std::string("Unexpected token"));
  const Input input(*root);
  if (auto checked = check_types(shape, *root); !checked) {
    return fail(std::move(checked).error().message);
  }
  auto condition = condition_of(input, schema);
  if (!condition) return fail(std::move(condition).error().message);
  if (!*condition) return nullptr;
  return std::make_unique<CompiledCondition>(**std::move(condition));
}

}  // namespace tidemark::api

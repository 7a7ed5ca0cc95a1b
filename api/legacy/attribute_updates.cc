#include "api/legacy/attribute_updates.h"

#include <string>
#include <string_view>
#include <utility>

#include "api/legacy/comparison.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

using expression::UpdateActionKind;
using model::AttributeType;

bool is_set(AttributeType type) {
  return type == AttributeType::kStringSet || type == AttributeType::kNumberSet ||
         type == AttributeType::kBinarySet;
}

bool can_be_added(AttributeType type) {
  return type == AttributeType::kNumber || type == AttributeType::kList || is_set(type);
}

ApiError not_supported(const std::string& action, AttributeType type) {
  return validation(words::invalid_parameter(action + " is not supported for the type " +
                                             std::string(model::type_descriptor(type))));
}

ApiResult<UpdateActionKind> action_kind(std::string_view action, AttributeType type) {
  if (action == "ADD") {
    if (!can_be_added(type)) return fail(not_supported("ADD action", type));
    return UpdateActionKind::kAdd;
  }
  if (action == "DELETE") {
    if (!is_set(type)) return fail(not_supported("DELETE action with value", type));
    return UpdateActionKind::kDelete;
  }
  return UpdateActionKind::kSet;
}

ApiResult<expression::UpdateAction> action_of(const Input& update, std::string_view attribute) {
  expression::UpdateAction action;
  ASSIGN_OR_RETURN(action.target, legacy_path_of(attribute, update.wording()));
  const std::string_view name = update.string("Action").value_or("PUT");
  const auto value = update.object("Value");
  if (!value) {
    if (name != "DELETE") {
      return fail(validation(
          words::invalid_parameter("Only DELETE action is allowed when no attribute value is specified")));
    }
    action.kind = UpdateActionKind::kRemove;
    return action;
  }
  ASSIGN_OR_RETURN(action.operand.value, legacy_value_of(*value, update.wording()));
  action.operand.kind = expression::OperandKind::kValue;
  ASSIGN_OR_RETURN(action.kind, action_kind(name, action.operand.value->type()));
  return action;
}

}  // namespace

ApiResult<std::optional<expression::Update>> legacy_updates(const Input& input) {
  const auto updates = input.object("AttributeUpdates");
  if (!updates) return std::optional<expression::Update>();
  expression::Update update;
  update.legacy = true;
  std::string_view name;
  json::Value element;
  for (auto members = updates->members(); members.next(&name, &element);) {
    ASSIGN_OR_RETURN(auto action, action_of(input.inside(element), name));
    update.actions.push_back(std::move(action));
  }
  if (update.actions.empty()) return std::optional<expression::Update>();
  return std::optional(std::move(update));
}

}  // namespace tidemark::api

#include "api/expression/ast.h"

#include <algorithm>
#include <array>

namespace tidemark::api::expression {
namespace {

struct FunctionName {
  Function function;
  std::string_view name;
};
constexpr std::array<FunctionName, 8> kFunctions{{
    {Function::kAttributeExists, "attribute_exists"},
    {Function::kAttributeNotExists, "attribute_not_exists"},
    {Function::kAttributeType, "attribute_type"},
    {Function::kBeginsWith, "begins_with"},
    {Function::kContains, "contains"},
    {Function::kSize, "size"},
    {Function::kIfNotExists, "if_not_exists"},
    {Function::kListAppend, "list_append"},
}};

void collect(const Operand& operand, std::vector<const Path*>* out) {
  if (operand.kind == OperandKind::kPath) out->push_back(&operand.path);
  for (const Operand& argument : operand.arguments) collect(argument, out);
}

void collect(const Condition& condition, std::vector<const Path*>* out) {
  for (const Condition& child : condition.children) collect(child, out);
  for (const Operand& operand : condition.operands) collect(operand, out);
}

std::vector<std::string> tops_of(const std::vector<const Path*>& paths) {
  std::vector<std::string> names;
  names.reserve(paths.size());
  for (const Path* path : paths) names.push_back(path->top());
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::string_view kind_name(ExpressionKind kind) {
  static constexpr std::array<std::string_view, 6> kNames = {"Update",     "Condition",    "Filter",
                                                             "Projection", "KeyCondition", "SearchCondition"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string to_string(const Path& path) {
  std::string text = "[";
  for (const PathStep& step : path.steps) {
    if (text.size() > 1) text += ", ";
    if (const std::string* name = step.name()) {
      text += *name;
    } else {
      text += '[' + std::to_string(*step.index()) + ']';
    }
  }
  text += ']';
  return text;
}

Function function_of(std::string_view name) {
  const auto found = std::ranges::find(kFunctions, name, &FunctionName::name);
  return found == kFunctions.end() ? Function::kUnknown : found->function;
}

std::string_view function_name(Function function) {
  const auto found = std::ranges::find(kFunctions, function, &FunctionName::function);
  return found == kFunctions.end() ? std::string_view() : found->name;
}

Operand Operand::of_path(Path path) {
  Operand operand;
  operand.kind = OperandKind::kPath;
  operand.path = std::move(path);
  return operand;
}

Operand Operand::of_value(model::AttributeValue value) {
  return of_value(std::make_shared<const model::AttributeValue>(std::move(value)));
}

Operand Operand::of_value(ValuePointer value) {
  Operand operand;
  operand.kind = OperandKind::kValue;
  operand.value = std::move(value);
  return operand;
}

Condition Condition::of_function(Function function, std::vector<Operand> operands) {
  Condition condition;
  condition.kind = ConditionKind::kFunction;
  condition.function = function;
  condition.operands = std::move(operands);
  return condition;
}

Condition Condition::negation_of(Condition inner) {
  Condition condition;
  condition.kind = ConditionKind::kNot;
  condition.children.push_back(std::move(inner));
  return condition;
}

std::string_view comparator_text(Comparator comparator) {
  static constexpr std::array<std::string_view, 6> kTexts = {"=", "<>", "<", "<=", ">", ">="};
  return kTexts[static_cast<std::size_t>(comparator)];
}

std::vector<const Path*> paths_of(const Condition& condition) {
  std::vector<const Path*> paths;
  collect(condition, &paths);
  return paths;
}

std::vector<const Path*> paths_of(const Projection& projection) {
  std::vector<const Path*> paths;
  paths.reserve(projection.paths.size());
  for (const Path& path : projection.paths) paths.push_back(&path);
  return paths;
}

std::vector<const Path*> targets_of(const Update& update) {
  std::vector<const Path*> paths;
  paths.reserve(update.actions.size());
  for (const UpdateAction& action : update.actions) paths.push_back(&action.target);
  return paths;
}

std::vector<std::string> referenced_attributes(const Condition& condition) {
  return tops_of(paths_of(condition));
}

std::vector<std::string> referenced_attributes(const Update& update) {
  std::vector<const Path*> paths;
  for (const UpdateAction& action : update.actions) {
    paths.push_back(&action.target);
    if (action.kind != UpdateActionKind::kRemove) collect(action.operand, &paths);
  }
  return tops_of(paths);
}

std::vector<std::string> referenced_attributes(const Projection& projection) {
  return tops_of(paths_of(projection));
}

}  // namespace tidemark::api::expression

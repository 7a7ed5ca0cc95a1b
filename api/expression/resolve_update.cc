#include <array>

#include "api/expression/operand_checks.h"
#include "api/expression/parser.h"
#include "api/expression/resolve.h"

namespace tidemark::api::expression {
namespace {

using model::AttributeType;

Checked check_reserved_in(const Operand& operand) {
  if (operand.kind == OperandKind::kPath) RETURN_IF_ERROR(check_reserved(operand.path));
  for (const Operand& argument : operand.arguments) RETURN_IF_ERROR(check_reserved_in(argument));
  return {};
}

Checked check_known(const Operand& operand) {
  for (const Operand& argument : operand.arguments) RETURN_IF_ERROR(check_known(argument));
  if (operand.kind == OperandKind::kFunction && operand.function == Function::kUnknown) {
    return fail(unknown_function(operand.function_text));
  }
  return {};
}

Checked check_place(const Operand& operand, bool in_list_append = false) {
  const bool appends = operand.kind == OperandKind::kFunction && operand.function == Function::kListAppend;
  for (const Operand& argument : operand.arguments) {
    RETURN_IF_ERROR(check_place(argument, in_list_append || appends));
  }
  if (operand.kind != OperandKind::kFunction) return {};
  if (appends && in_list_append) {
    return fail(misused_function("list_append"));
  }
  if (operand.function == Function::kIfNotExists || appends) return {};
  return fail("The function is not allowed in an update expression; function: " + operand.function_text);
}

Checked resolve_names(Operand* operand, Substitutions& substitutions) {
  if (operand->kind == OperandKind::kPath) RETURN_IF_ERROR(resolve_path(&operand->path, substitutions));
  for (Operand& argument : operand->arguments) RETURN_IF_ERROR(resolve_names(&argument, substitutions));
  return {};
}

Checked resolve_values(Operand* operand, Substitutions& substitutions) {
  if (operand->kind == OperandKind::kValue) RETURN_IF_ERROR(resolve_value(operand, substitutions));
  for (Operand& argument : operand->arguments) RETURN_IF_ERROR(resolve_values(&argument, substitutions));
  return {};
}

// `STRING`; nothing for sets, which both operators take.
std::string_view long_type_name(AttributeType type) {
  switch (type) {
    case AttributeType::kString:
      return "STRING";
    case AttributeType::kNumber:
      return "NUMBER";
    case AttributeType::kBinary:
      return "BINARY";
    case AttributeType::kBool:
      return "BOOLEAN";
    case AttributeType::kNull:
      return "NULL";
    case AttributeType::kList:
      return "LIST";
    case AttributeType::kMap:
      return "MAP";
    default:
      return {};
  }
}

Checked check_section_operand(const UpdateAction& action) {
  if (action.kind != UpdateActionKind::kAdd && action.kind != UpdateActionKind::kDelete) return {};
  const bool add = action.kind == UpdateActionKind::kAdd;
  const AttributeType type = action.operand.value->type();
  const std::string_view name = long_type_name(type);
  if (name.empty() || (add && type == AttributeType::kNumber)) return {};
  return fail("Incorrect operand type for operator or function; operator: " +
              std::string(add ? "ADD" : "DELETE") + ", operand type: " + std::string(name));
}

Checked require_type(const Operand& function, std::string_view name, AttributeType required) {
  for (const Operand& argument : function.arguments) {
    const auto type = value_type(argument);
    if (type && *type != required) {
      return fail(incorrect_operand_type(name, model::type_descriptor(*type)));
    }
  }
  return {};
}

Checked check_function_operands(const Operand& operand) {
  for (const Operand& argument : operand.arguments) RETURN_IF_ERROR(check_function_operands(argument));
  if (operand.kind == OperandKind::kPlus) return require_type(operand, "+", AttributeType::kNumber);
  if (operand.kind == OperandKind::kMinus) return require_type(operand, "-", AttributeType::kNumber);
  if (operand.kind != OperandKind::kFunction) return {};
  const std::string_view name = function_name(operand.function);
  if (operand.arguments.size() != 2) return fail(incorrect_operand_count(name, operand.arguments.size()));
  if (operand.function == Function::kListAppend) return require_type(operand, name, AttributeType::kList);
  if (operand.arguments[0].kind != OperandKind::kPath) return fail(path_required(name));
  return {};
}

Checked check_reserved_in_update(const Update& update) {
  for (const UpdateAction& action : update.actions) {
    RETURN_IF_ERROR(check_reserved(action.target));
    if (action.kind == UpdateActionKind::kSet) RETURN_IF_ERROR(check_reserved_in(action.operand));
  }
  return {};
}

Checked resolve_all(Update* update, Substitutions& substitutions) {
  for (UpdateAction& action : update->actions) {
    RETURN_IF_ERROR(resolve_path(&action.target, substitutions));
    if (action.kind == UpdateActionKind::kSet) RETURN_IF_ERROR(resolve_names(&action.operand, substitutions));
  }
  for (UpdateAction& action : update->actions) {
    if (action.kind == UpdateActionKind::kRemove) continue;
    RETURN_IF_ERROR(resolve_values(&action.operand, substitutions));
  }
  return {};
}

// What is left once every name has its meaning.
Checked check_actions(const Update& update) {
  RETURN_IF_ERROR(check_distinct_targets(targets_of(update)));
  for (const UpdateAction& action : update.actions) RETURN_IF_ERROR(check_section_operand(action));
  for (const UpdateAction& action : update.actions) RETURN_IF_ERROR(check_function_operands(action.operand));
  return {};
}

Checked check_and_resolve(ParsedUpdate* parsed, Substitutions& substitutions) {
  Update& update = parsed->update;
  RETURN_IF_ERROR(check_reserved_in_update(update));
  for (const UpdateAction& action : update.actions) RETURN_IF_ERROR(check_known(action.operand));
  for (const UpdateAction& action : update.actions) RETURN_IF_ERROR(check_place(action.operand));
  if (!parsed->repeated_section.empty()) {
    return fail("The \"" + parsed->repeated_section +
                "\" section can only be used once in an update expression;");
  }
  RETURN_IF_ERROR(resolve_all(&update, substitutions));
  return check_actions(update);
}

Checked check_and_resolve(Projection* projection, Substitutions& substitutions) {
  for (const Path& path : projection->paths) RETURN_IF_ERROR(check_reserved(path));
  for (Path& path : projection->paths) RETURN_IF_ERROR(resolve_path(&path, substitutions));
  return check_distinct_targets(paths_of(*projection));
}

}  // namespace

Checked check_operands(Update* update) {
  for (const UpdateAction& action : update->actions) RETURN_IF_ERROR(check_place(action.operand));
  return check_actions(*update);
}

ApiResult<Update> compile_update(std::string_view text, Substitutions& substitutions) {
  ASSIGN_OR_RETURN(ParsedUpdate parsed, parse_update(text));
  const Checked checked = check_and_resolve(&parsed, substitutions);
  if (!checked) return fail(invalid_expression(ExpressionKind::kUpdate, checked.error()));
  return std::move(parsed.update);
}

ApiResult<Projection> compile_projection(std::string_view text, Substitutions& substitutions) {
  ASSIGN_OR_RETURN(Projection projection, parse_projection(text));
  const Checked checked = check_and_resolve(&projection, substitutions);
  if (!checked) return fail(invalid_expression(ExpressionKind::kProjection, checked.error()));
  return projection;
}

ApiResult<std::optional<Update>> compile_optional_update(std::optional<std::string_view> text,
                                                         Substitutions& substitutions) {
  if (!text) return std::optional<Update>();
  ASSIGN_OR_RETURN(Update update, compile_update(*text, substitutions));
  return std::optional<Update>(std::move(update));
}

ApiResult<std::optional<Projection>> compile_optional_projection(std::optional<std::string_view> text,
                                                                 Substitutions& substitutions) {
  if (!text) return std::optional<Projection>();
  ASSIGN_OR_RETURN(Projection projection, compile_projection(*text, substitutions));
  return std::optional<Projection>(std::move(projection));
}

}  // namespace tidemark::api::expression

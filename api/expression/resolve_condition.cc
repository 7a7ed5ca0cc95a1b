#include <array>
#include <functional>

#include "api/expression/operand_checks.h"
#include "api/expression/parser.h"
#include "api/expression/resolve.h"
#include "base/bytes.h"

namespace tidemark::api::expression {
namespace {

using model::AttributeType;

bool has_order(AttributeType type) {
  return type == AttributeType::kString || type == AttributeType::kNumber || type == AttributeType::kBinary;
}

// Known before any item is seen: values, and size(), which is a number.
std::optional<AttributeType> known_type(const Operand& operand) {
  if (operand.kind == OperandKind::kFunction) return AttributeType::kNumber;
  return value_type(operand);
}

// Calls `visit` for every operand below, arguments before the function they belong to.
Checked for_each_operand(const std::vector<Operand>& operands,
                         const std::function<Checked(const Operand&)>& visit) {
  for (const Operand& operand : operands) {
    RETURN_IF_ERROR(for_each_operand(operand.arguments, visit));
    RETURN_IF_ERROR(visit(operand));
  }
  return {};
}

Checked for_each_leaf(const Condition& condition, const std::function<Checked(const Condition&)>& visit) {
  for (const Condition& child : condition.children) RETURN_IF_ERROR(for_each_leaf(child, visit));
  if (condition.children.empty()) return visit(condition);
  return {};
}

// Functions that exist.

Checked check_known(const Condition& leaf) {
  const auto unknown = [](const std::string& name) { return fail(unknown_function(name)); };
  RETURN_IF_ERROR(for_each_operand(leaf.operands, [&](const Operand& operand) -> Checked {
    const bool function = operand.kind == OperandKind::kFunction;
    if (function && operand.function == Function::kUnknown) return unknown(operand.function_text);
    return {};
  }));
  if (leaf.kind == ConditionKind::kFunction && leaf.function == Function::kUnknown) {
    return unknown(leaf.function_text);
  }
  return {};
}

// size() is an operand and never a condition; the others are conditions and never operands; those of updates
// are neither.

Checked check_place(const Condition& leaf) {
  const auto misused = [](Function function) { return fail(misused_function(function_name(function))); };
  RETURN_IF_ERROR(for_each_operand(leaf.operands, [&](const Operand& operand) -> Checked {
    const bool function = operand.kind == OperandKind::kFunction;
    if (function && operand.function != Function::kSize) return misused(operand.function);
    return {};
  }));
  if (leaf.kind != ConditionKind::kFunction) return {};
  const bool condition = leaf.function != Function::kSize && leaf.function != Function::kIfNotExists &&
                         leaf.function != Function::kListAppend;
  return condition ? Checked() : misused(leaf.function);
}

Checked check_reserved_in(const Condition& leaf) {
  return for_each_operand(leaf.operands, [](const Operand& operand) {
    return operand.kind == OperandKind::kPath ? check_reserved(operand.path) : Checked();
  });
}

Checked resolve_operands(std::vector<Operand>* operands, Substitutions& substitutions) {
  for (Operand& operand : *operands) {
    if (operand.kind == OperandKind::kPath) RETURN_IF_ERROR(resolve_path(&operand.path, substitutions));
    if (operand.kind == OperandKind::kValue) RETURN_IF_ERROR(resolve_value(&operand, substitutions));
    RETURN_IF_ERROR(resolve_operands(&operand.arguments, substitutions));
  }
  return {};
}

// Number of operands.

std::size_t arity_of(Function function) {
  const bool one = function == Function::kAttributeExists || function == Function::kAttributeNotExists ||
                   function == Function::kSize;
  return one ? 1 : 2;
}

Checked check_arity(const Condition& leaf) {
  const auto check = [](Function function, std::size_t count) -> Checked {
    if (count == arity_of(function)) return {};
    return fail(incorrect_operand_count(function_name(function), count));
  };
  RETURN_IF_ERROR(for_each_operand(leaf.operands, [&](const Operand& operand) {
    return operand.kind == OperandKind::kFunction ? check(operand.function, operand.arguments.size())
                                                  : Checked();
  }));
  if (leaf.kind == ConditionKind::kFunction) return check(leaf.function, leaf.operands.size());
  if (leaf.kind == ConditionKind::kIn && leaf.operands.size() - 1 > kInOperandsMax) {
    return fail(incorrect_operand_count("IN", leaf.operands.size() - 1));
  }
  return {};
}

// Operands that differ.

Checked check_operands_differ(const Condition& leaf) {
  if (leaf.kind != ConditionKind::kCompare && leaf.kind != ConditionKind::kFunction) return {};
  if (leaf.operands.size() != 2) return {};
  const Operand& one = leaf.operands[0];
  const Operand& two = leaf.operands[1];
  if (one.kind != OperandKind::kPath || two.kind != OperandKind::kPath || one.path != two.path) return {};
  const std::string_view name =
      leaf.kind == ConditionKind::kCompare ? comparator_text(leaf.comparator) : function_name(leaf.function);
  return fail(
      "The first operand must be distinct from the remaining operands for this operator or function; "
      "operator: " +
      std::string(name) + ", first operand: " + to_string(one.path));
}

// Types of operands.

Checked check_attribute_type_operand(const Operand& operand) {
  const auto type = known_type(operand);
  if (type != AttributeType::kString) {
    return fail(incorrect_operand_type("attribute_type", type.has_value()
                                                             ? model::type_descriptor(*type)
                                                             : "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"));
  }
  const std::string& name = *operand.value->string();
  for (int i = 0; i <= static_cast<int>(AttributeType::kMap); ++i) {
    if (model::type_descriptor(static_cast<AttributeType>(i)) == name) return {};
  }
  return fail("Invalid attribute type name found; type: " + name +
              ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
}

Checked require_types(const std::vector<Operand>& operands, std::string_view function,
                      bool (*allowed)(AttributeType)) {
  for (const Operand& operand : operands) {
    const auto type = known_type(operand);
    if (type && !allowed(*type)) {
      return fail(incorrect_operand_type(function, model::type_descriptor(*type)));
    }
  }
  return {};
}

Checked check_function_types(Function function, const std::vector<Operand>& arguments) {
  switch (function) {
    case Function::kAttributeExists:
    case Function::kAttributeNotExists:
      if (arguments[0].kind != OperandKind::kPath) return fail(path_required(function_name(function)));
      return {};
    case Function::kAttributeType:
      return check_attribute_type_operand(arguments[1]);
    case Function::kBeginsWith:
      return require_types(arguments, "begins_with", [](AttributeType type) {
        return type == AttributeType::kString || type == AttributeType::kBinary;
      });
    case Function::kSize:
      return require_types(arguments, "size", [](AttributeType type) {
        return type != AttributeType::kNumber && type != AttributeType::kBool && type != AttributeType::kNull;
      });
    default:
      return {};
  }
}

// `AttributeValue: {S:a}`
std::string value_text(const model::AttributeValue& value) {
  std::string text = "AttributeValue: {";
  text += model::type_descriptor(value.type());
  text += ':';
  if (const std::string* string = value.string()) text += *string;
  if (const model::Number* number = value.number()) number->append_to(&text);
  if (const model::Binary* binary = value.binary()) append_base64(&text, binary->bytes);
  text += '}';
  return text;
}

Checked check_bounds(const Operand& lower, const Operand& upper) {
  if (lower.kind != OperandKind::kValue || upper.kind != OperandKind::kValue) return {};
  const std::string bounds = "lower bound operand: " + value_text(*lower.value) +
                             ", upper bound operand: " + value_text(*upper.value);
  if (lower.value->type() != upper.value->type()) {
    return fail("The BETWEEN operator requires same data type for lower and upper bounds; " + bounds);
  }
  bool reversed = false;
  if (lower.value->string() != nullptr) reversed = *lower.value->string() > *upper.value->string();
  if (lower.value->number() != nullptr) reversed = *lower.value->number() > *upper.value->number();
  if (lower.value->binary() != nullptr) reversed = *lower.value->binary() > *upper.value->binary();
  if (!reversed) return {};
  return fail("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " +
              bounds);
}

Checked check_types(const Condition& leaf) {
  RETURN_IF_ERROR(for_each_operand(leaf.operands, [](const Operand& operand) {
    return operand.kind == OperandKind::kFunction ? check_function_types(operand.function, operand.arguments)
                                                  : Checked();
  }));
  switch (leaf.kind) {
    case ConditionKind::kFunction:
      return check_function_types(leaf.function, leaf.operands);
    case ConditionKind::kBetween:
      RETURN_IF_ERROR(require_types(leaf.operands, "BETWEEN", has_order));
      return check_bounds(leaf.operands[1], leaf.operands[2]);
    case ConditionKind::kCompare:
      if (leaf.comparator == Comparator::kEqual || leaf.comparator == Comparator::kNotEqual) return {};
      return require_types(leaf.operands, comparator_text(leaf.comparator), has_order);
    default:
      return {};
  }
}

// One comparison or function after the other, in reading order, each with all its checks.
Checked resolve(Condition* condition, Substitutions& substitutions) {
  for (Condition& child : condition->children) RETURN_IF_ERROR(resolve(&child, substitutions));
  if (!condition->children.empty()) return {};
  RETURN_IF_ERROR(resolve_operands(&condition->operands, substitutions));
  RETURN_IF_ERROR(check_arity(*condition));
  RETURN_IF_ERROR(check_operands_differ(*condition));
  return check_types(*condition);
}

Checked check_and_resolve(ParsedCondition* parsed, Substitutions& substitutions) {
  if (parsed->redundant_parentheses) return fail(std::string(kRedundantParentheses));
  RETURN_IF_ERROR(for_each_leaf(parsed->root, check_known));
  RETURN_IF_ERROR(for_each_leaf(parsed->root, check_place));
  RETURN_IF_ERROR(for_each_leaf(parsed->root, check_reserved_in));
  return resolve(&parsed->root, substitutions);
}

}  // namespace

Checked check_operands(Condition* condition) {
  RETURN_IF_ERROR(for_each_leaf(*condition, check_place));
  Substitutions nothing;
  return resolve(condition, nothing);
}

ApiResult<Condition> compile_condition(ExpressionKind kind, std::string_view text,
                                       Substitutions& substitutions) {
  ASSIGN_OR_RETURN(ParsedCondition parsed, parse_condition(kind, text));
  const Checked checked = check_and_resolve(&parsed, substitutions);
  if (!checked) return fail(invalid_expression(kind, checked.error()));
  return std::move(parsed.root);
}

ApiResult<std::optional<Condition>> compile_optional_condition(ExpressionKind kind,
                                                               std::optional<std::string_view> text,
                                                               Substitutions& substitutions) {
  if (!text) return std::optional<Condition>();
  ASSIGN_OR_RETURN(Condition condition, compile_condition(kind, *text, substitutions));
  return std::optional<Condition>(std::move(condition));
}

}  // namespace tidemark::api::expression

// Text to trees, one function per kind of expression. Nothing is looked up: names and values are resolve.h's.
//
// Each function checks, in this order: empty text, size, syntax, number of operators. Messages carry the
// prefix `Invalid <Kind>Expression: `. Nesting is bounded, so that no text can exhaust the stack.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/core/error.h"
#include "api/expression/ast.h"

namespace tidemark::api::expression {

inline constexpr std::size_t kExpressionBytesMax = 4096;
inline constexpr std::size_t kOperatorsMax = 300;
inline constexpr std::size_t kInOperandsMax = 100;
// Parentheses and function calls inside one another. More than kOperatorsMax sensible levels cannot be.
inline constexpr std::size_t kNestingMax = 320;

// Shape of the text that matters to later checks but not to the tree.
struct ParsedCondition {
  Condition root;
  bool redundant_parentheses = false;
};
struct ParsedUpdate {
  Update update;
  std::string repeated_section;  // `SET` when a section stands there twice; else empty
};

inline constexpr const char* kRedundantParentheses = "The expression has redundant parentheses;";

ApiResult<ParsedCondition> parse_condition(ExpressionKind kind, std::string_view text);
ApiResult<ParsedUpdate> parse_update(std::string_view text);
ApiResult<Projection> parse_projection(std::string_view text);

// `Invalid <Kind>Expression: <text>` as a ValidationException.
ApiError invalid_expression(ExpressionKind kind, std::string_view text);

}  // namespace tidemark::api::expression

// Updates, projections, and the checks that all kinds of expression share. Conditions: condition_parser.cc.
#include "api/expression/parser.h"

#include <array>

#include "api/expression/parser_checks.h"
#include "api/expression/token_reader.h"

namespace tidemark::api::expression {
namespace {

constexpr std::array<std::string_view, 4> kUpdateKeywords = {"SET", "REMOVE", "ADD", "DELETE"};

// update  := section+                       section := SET set {, set} | REMOVE path {, path} | ...
// set     := path '=' value                 value   := operand [('+'|'-') operand]
// operand := '(' value ')' | name '(' operand {, operand} ')' | path | :value
class UpdateParser {
 public:
  explicit UpdateParser(std::string_view text) : reader_(text, kUpdateKeywords) {}

  Parsed<ParsedUpdate> parse();
  TokenReader& reader() { return reader_; }

 private:
  Parsed<void> section(UpdateActionKind kind);
  Parsed<UpdateAction> action(UpdateActionKind kind);
  Parsed<Operand> value();
  Parsed<Operand> operand();

  TokenReader reader_;
  ParsedUpdate result_;
};

Parsed<ParsedUpdate> UpdateParser::parse() {
  std::array<bool, kUpdateKeywords.size()> seen{};
  do {
    std::size_t section_index = 0;
    while (section_index < kUpdateKeywords.size() && !reader_.is_keyword(kUpdateKeywords[section_index])) {
      ++section_index;
    }
    if (section_index == kUpdateKeywords.size()) return fail(ParseFailure::kSyntax);
    reader_.advance();
    if (seen[section_index] && result_.repeated_section.empty()) {
      result_.repeated_section = kUpdateKeywords[section_index];
    }
    seen[section_index] = true;
    RETURN_IF_ERROR(section(static_cast<UpdateActionKind>(section_index)));
  } while (!reader_.at_end());
  return std::move(result_);
}

Parsed<void> UpdateParser::section(UpdateActionKind kind) {
  do {
    ASSIGN_OR_RETURN(UpdateAction next, action(kind));
    result_.update.actions.push_back(std::move(next));
  } while (reader_.take(","));
  return {};
}

Parsed<UpdateAction> UpdateParser::action(UpdateActionKind kind) {
  UpdateAction action;
  action.kind = kind;
  ASSIGN_OR_RETURN(action.target, reader_.path());
  if (kind == UpdateActionKind::kSet) {
    RETURN_IF_ERROR(reader_.expect("="));
    ASSIGN_OR_RETURN(action.operand, value());
  } else if (kind != UpdateActionKind::kRemove) {
    ASSIGN_OR_RETURN(action.operand, reader_.value_alias());
  }
  return action;
}

Parsed<Operand> UpdateParser::value() {
  ASSIGN_OR_RETURN(Operand left, operand());
  if (!reader_.is("+") && !reader_.is("-")) return left;
  Operand sum;
  sum.kind = reader_.is("+") ? OperandKind::kPlus : OperandKind::kMinus;
  reader_.advance();
  ASSIGN_OR_RETURN(Operand right, operand());
  sum.arguments.push_back(std::move(left));
  sum.arguments.push_back(std::move(right));
  return sum;
}

Parsed<Operand> UpdateParser::operand() {
  if (reader_.take("(")) {
    RETURN_IF_ERROR(reader_.enter());
    ASSIGN_OR_RETURN(Operand inner, value());
    reader_.leave();
    RETURN_IF_ERROR(reader_.expect(")"));
    return inner;
  }
  if (reader_.kind() == TokenKind::kValueAlias) return reader_.value_alias();
  if (reader_.kind() == TokenKind::kIdentifier && !reader_.is_any_keyword() && reader_.next_is("(")) {
    return reader_.function_call([this] { return operand(); });
  }
  ASSIGN_OR_RETURN(Path path, reader_.path());
  return Operand::of_path(std::move(path));
}

Parsed<Projection> projection(TokenReader& reader) {
  Projection projection;
  do {
    ASSIGN_OR_RETURN(Path path, reader.path());
    projection.paths.push_back(std::move(path));
  } while (reader.take(","));
  if (!reader.at_end()) return fail(ParseFailure::kSyntax);
  return projection;
}

ApiError too_many_operators(ExpressionKind kind, std::size_t count) {
  return invalid_expression(
      kind, "The expression contains too many operators; operator count: " + std::to_string(count));
}

}  // namespace

ApiError invalid_expression(ExpressionKind kind, std::string_view text) {
  std::string message = "Invalid ";
  message += kind_name(kind);
  message += "Expression: ";
  message += text;
  return validation(std::move(message));
}

ApiResult<void> check_text(ExpressionKind kind, std::string_view text) {
  if (text.empty()) return fail(invalid_expression(kind, "The expression can not be empty;"));
  if (text.size() <= kExpressionBytesMax) return {};
  std::string message = "Expression size has exceeded the maximum allowed size;";
  if (kind != ExpressionKind::kUpdate) message += " expression size: " + std::to_string(text.size());
  return fail(invalid_expression(kind, message));
}

ApiResult<void> check_limits(ExpressionKind kind, const TokenReader& reader, std::size_t operator_count) {
  if (operator_count > kOperatorsMax) return fail(too_many_operators(kind, operator_count));
  if (const std::size_t levels = reader.path_levels_too_many(); levels > 0) {
    return fail(invalid_expression(
        kind, "The document path has too many nesting levels; nesting levels: " + std::to_string(levels)));
  }
  const std::string& index = reader.index_out_of_range();
  if (index.empty()) return {};
  return fail(
      invalid_expression(kind, "List index is not within the allowable range; index: [" + index + "]"));
}

ApiError parse_error(ExpressionKind kind, ParseFailure failure, const TokenReader& reader,
                     std::size_t operator_count) {
  if (failure == ParseFailure::kSyntax) return invalid_expression(kind, reader.syntax_error());
  // Every level of nesting needs an operator or function of its own, unless its parentheses are redundant.
  if (operator_count > kOperatorsMax) return too_many_operators(kind, operator_count);
  return invalid_expression(kind, kRedundantParentheses);
}

ApiResult<ParsedUpdate> parse_update(std::string_view text) {
  constexpr auto kKind = ExpressionKind::kUpdate;
  RETURN_IF_ERROR(check_text(kKind, text));
  UpdateParser parser(text);
  auto parsed = parser.parse();
  const std::size_t operators = parser.reader().update_operator_count();
  if (!parsed) return fail(parse_error(kKind, parsed.error(), parser.reader(), operators));
  RETURN_IF_ERROR(check_limits(kKind, parser.reader(), operators));
  return std::move(*parsed);
}

ApiResult<Projection> parse_projection(std::string_view text) {
  constexpr auto kKind = ExpressionKind::kProjection;
  RETURN_IF_ERROR(check_text(kKind, text));
  TokenReader reader(text, {});
  auto parsed = projection(reader);
  if (!parsed) return fail(parse_error(kKind, parsed.error(), reader, 0));
  RETURN_IF_ERROR(check_limits(kKind, reader, 0));
  return std::move(*parsed);
}

}  // namespace tidemark::api::expression

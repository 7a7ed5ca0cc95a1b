#include <array>
#include <optional>
#include <variant>

#include "api/expression/parser.h"
#include "api/expression/parser_checks.h"
#include "api/expression/token_reader.h"

namespace tidemark::api::expression {
namespace {

constexpr std::array<std::string_view, 5> kConditionKeywords = {"AND", "OR", "NOT", "BETWEEN", "IN"};

// An opening parenthesis may begin a condition or an operand; only what follows the closing one tells.
using Node = std::variant<Condition, Operand>;

// or      := and {OR and}          and := not {AND not}          not := {NOT} primary
// primary := term [comparator operand | BETWEEN operand AND operand | IN '(' operand {, operand} ')']
// term    := '(' or ')' [path steps] | operand
// operand := '(' operand ')' [path steps] | name '(' operand {, operand} ')' | path | :value
class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : reader_(text, kConditionKeywords) {}

  Parsed<Condition> parse();
  TokenReader& reader() { return reader_; }

 private:
  Parsed<Node> any_of();
  Parsed<Node> all_of();
  Parsed<Node> negation();
  Parsed<Node> primary();
  Parsed<Node> term();
  Parsed<Operand> operand();
  Parsed<Operand> plain_operand();
  Parsed<Condition> between(Operand subject);
  Parsed<Condition> membership(Operand subject);
  // Reads `keyword`-separated conditions after `first`.
  Parsed<Node> chain(Node first, std::string_view keyword, ConditionKind kind,
                     Parsed<Node> (ConditionParser::*next)());
  Parsed<Condition> as_condition(Node node);
  std::optional<Comparator> take_comparator();

  TokenReader reader_;
};

Parsed<Condition> ConditionParser::parse() {
  ASSIGN_OR_RETURN(Node node, any_of());
  ASSIGN_OR_RETURN(Condition condition, as_condition(std::move(node)));
  if (!reader_.at_end()) return fail(ParseFailure::kSyntax);
  return condition;
}

// An operand alone is a condition only if it is a function.
Parsed<Condition> ConditionParser::as_condition(Node node) {
  if (auto* condition = std::get_if<Condition>(&node)) return std::move(*condition);
  auto& operand = std::get<Operand>(node);
  if (operand.kind != OperandKind::kFunction) return fail(ParseFailure::kSyntax);
  Condition condition;
  condition.kind = ConditionKind::kFunction;
  condition.function = operand.function;
  condition.function_text = std::move(operand.function_text);
  condition.operands = std::move(operand.arguments);
  return condition;
}

Parsed<Node> ConditionParser::chain(Node first, std::string_view keyword, ConditionKind kind,
                                    Parsed<Node> (ConditionParser::*next)()) {
  if (!reader_.is_keyword(keyword)) return first;
  Condition joined;
  joined.kind = kind;
  ASSIGN_OR_RETURN(Condition condition, as_condition(std::move(first)));
  joined.children.push_back(std::move(condition));
  while (reader_.is_keyword(keyword)) {
    reader_.advance();
    ASSIGN_OR_RETURN(Node node, (this->*next)());
    ASSIGN_OR_RETURN(condition, as_condition(std::move(node)));
    joined.children.push_back(std::move(condition));
  }
  return Node(std::move(joined));
}

Parsed<Node> ConditionParser::any_of() {
  ASSIGN_OR_RETURN(Node first, all_of());
  return chain(std::move(first), "OR", ConditionKind::kOr, &ConditionParser::all_of);
}

Parsed<Node> ConditionParser::all_of() {
  ASSIGN_OR_RETURN(Node first, negation());
  return chain(std::move(first), "AND", ConditionKind::kAnd, &ConditionParser::negation);
}

Parsed<Node> ConditionParser::negation() {
  std::size_t count = 0;
  for (; reader_.is_keyword("NOT"); ++count) reader_.advance();
  ASSIGN_OR_RETURN(Node node, primary());
  if (count == 0) return node;
  ASSIGN_OR_RETURN(Condition condition, as_condition(std::move(node)));
  for (; count > 0; --count) condition = Condition::negation_of(std::move(condition));
  return Node(std::move(condition));
}

std::optional<Comparator> ConditionParser::take_comparator() {
  for (int i = 0; i <= static_cast<int>(Comparator::kGreaterOrEqual); ++i) {
    const auto comparator = static_cast<Comparator>(i);
    if (reader_.take(comparator_text(comparator))) return comparator;
  }
  return std::nullopt;
}

Parsed<Node> ConditionParser::primary() {
  ASSIGN_OR_RETURN(Node left, term());
  auto* subject = std::get_if<Operand>(&left);
  if (subject == nullptr) return left;
  if (reader_.is_keyword("BETWEEN")) return between(std::move(*subject));
  if (reader_.is_keyword("IN")) return membership(std::move(*subject));
  const auto comparator = take_comparator();
  if (!comparator) return left;
  Condition comparison;
  comparison.kind = ConditionKind::kCompare;
  comparison.comparator = *comparator;
  comparison.operands.push_back(std::move(*subject));
  ASSIGN_OR_RETURN(Operand right, operand());
  comparison.operands.push_back(std::move(right));
  return Node(std::move(comparison));
}

Parsed<Condition> ConditionParser::between(Operand subject) {
  reader_.advance();
  Condition condition;
  condition.kind = ConditionKind::kBetween;
  condition.operands.push_back(std::move(subject));
  ASSIGN_OR_RETURN(Operand lower, operand());
  condition.operands.push_back(std::move(lower));
  if (!reader_.is_keyword("AND")) return fail(ParseFailure::kSyntax);
  reader_.advance();
  ASSIGN_OR_RETURN(Operand upper, operand());
  condition.operands.push_back(std::move(upper));
  return condition;
}

Parsed<Condition> ConditionParser::membership(Operand subject) {
  reader_.advance();
  Condition condition;
  condition.kind = ConditionKind::kIn;
  condition.operands.push_back(std::move(subject));
  RETURN_IF_ERROR(reader_.expect("("));
  do {
    ASSIGN_OR_RETURN(Operand candidate, operand());
    condition.operands.push_back(std::move(candidate));
  } while (reader_.take(","));
  RETURN_IF_ERROR(reader_.expect(")"));
  return condition;
}

Parsed<Node> ConditionParser::term() {
  if (!reader_.is("(")) {
    ASSIGN_OR_RETURN(Operand plain, plain_operand());
    return Node(std::move(plain));
  }
  const std::size_t open = reader_.position();
  reader_.advance();
  RETURN_IF_ERROR(reader_.enter());
  ASSIGN_OR_RETURN(Node inner, any_of());
  reader_.leave();
  const std::size_t close = reader_.position();
  RETURN_IF_ERROR(reader_.expect(")"));
  reader_.closed_parentheses(open, close);
  auto* operand = std::get_if<Operand>(&inner);
  if (operand != nullptr && operand->kind == OperandKind::kPath) {
    RETURN_IF_ERROR(reader_.path_rest(&operand->path));
  }
  return inner;
}

Parsed<Operand> ConditionParser::operand() {
  if (!reader_.is("(")) return plain_operand();
  const std::size_t open = reader_.position();
  reader_.advance();
  RETURN_IF_ERROR(reader_.enter());
  ASSIGN_OR_RETURN(Operand inner, operand());
  reader_.leave();
  const std::size_t close = reader_.position();
  RETURN_IF_ERROR(reader_.expect(")"));
  reader_.closed_parentheses(open, close);
  if (inner.kind == OperandKind::kPath) RETURN_IF_ERROR(reader_.path_rest(&inner.path));
  return inner;
}

Parsed<Operand> ConditionParser::plain_operand() {
  if (reader_.kind() == TokenKind::kValueAlias) return reader_.value_alias();
  if (reader_.kind() == TokenKind::kIdentifier && !reader_.is_any_keyword() && reader_.next_is("(")) {
    return reader_.function_call([this] { return operand(); });
  }
  ASSIGN_OR_RETURN(Path path, reader_.path());
  return Operand::of_path(std::move(path));
}

}  // namespace

ApiResult<ParsedCondition> parse_condition(ExpressionKind kind, std::string_view text) {
  RETURN_IF_ERROR(check_text(kind, text));
  ConditionParser parser(text);
  auto parsed = parser.parse();
  const TokenReader& reader = parser.reader();
  const std::size_t operators = reader.condition_operator_count();
  if (!parsed) return fail(parse_error(kind, parsed.error(), reader, operators));
  RETURN_IF_ERROR(check_limits(kind, reader, operators));
  return ParsedCondition{std::move(*parsed), reader.redundant_parentheses()};
}

}  // namespace tidemark::api::expression

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "api/expression/resolve.h"
#include "api/partiql/lexer.h"
#include "api/partiql/literals.h"
#include "api/partiql/statement.h"
#include "api/partiql/token_stream.h"
#include "base/text.h"

namespace tidemark::api::partiql {
namespace {

using expression::Comparator;
using expression::Condition;
using expression::ConditionKind;
using expression::Function;
using expression::Operand;
using expression::OperandKind;
using expression::Path;
using expression::UpdateAction;
using expression::UpdateActionKind;
using model::AttributeValue;

// An opening parenthesis may begin a condition or an operand; only what follows the closing one tells.
using Node = std::variant<Condition, Operand>;

struct TypeName {
  std::string_view word;
  std::string_view descriptor;
};
constexpr auto kTypeNames = std::to_array<TypeName>(
    {{"NULL", "NULL"}, {"STRING", "S"},   {"CHAR", "S"},    {"CHARACTER", "S"}, {"VARCHAR", "S"},
     {"SYMBOL", "S"},  {"INT", "N"},      {"INTEGER", "N"}, {"INT2", "N"},      {"INT4", "N"},
     {"INT8", "N"},    {"SMALLINT", "N"}, {"BIGINT", "N"},  {"FLOAT", "N"},     {"REAL", "N"},
     {"DOUBLE", "N"},  {"DECIMAL", "N"},  {"NUMERIC", "N"}, {"BOOL", "BOOL"},   {"BOOLEAN", "BOOL"},
     {"BLOB", "B"},    {"LIST", "L"},     {"STRUCT", "M"},  {"TUPLE", "M"},     {"BAG", "SS"}});

bool is_truth(Function function) {
  return function == Function::kAttributeExists || function == Function::kAttributeNotExists ||
         function == Function::kAttributeType || function == Function::kBeginsWith ||
         function == Function::kContains;
}

bool is_of_updates(Function function) {
  return function == Function::kIfNotExists || function == Function::kListAppend;
}

const bool* boolean_of(const Operand& operand) {
  return operand.kind == OperandKind::kValue ? std::get_if<bool>(&operand.value->data) : nullptr;
}

class Parser {
 public:
  Parser(std::vector<Token> tokens, const std::vector<AttributeValue>& parameters)
      : tokens_(std::move(tokens)), literals_(&tokens_, parameters) {}

  ApiResult<Statement> run();

 private:
  ApiResult<Statement> statement();
  ApiResult<Statement> exists();
  ApiResult<Statement> select();
  ApiResult<Statement> insert();
  ApiResult<Statement> update();
  ApiResult<Statement> update_from();
  ApiResult<Statement> remove();

  // Parts of statements, into it.
  ApiResult<void> table(Statement* statement, bool may_have_index);
  ApiResult<void> refuse_alias();
  ApiResult<void> where(Statement* statement);
  ApiResult<void> order(Statement* statement);
  ApiResult<void> returning(Statement* statement);
  ApiResult<void> changes(Statement* statement);
  ApiResult<void> assignment(Statement* statement);

  // Conditions: or := and {OR and}, and := not {AND not}, not := {NOT} primary
  ApiResult<Condition> condition();
  ApiResult<Node> any_of();
  ApiResult<Node> all_of();
  ApiResult<Node> negation();
  ApiResult<Node> primary();
  ApiResult<Node> comparison(Operand left);
  ApiResult<Node> between(Operand subject);
  ApiResult<Node> membership(Operand subject);
  ApiResult<Node> type_test(Operand subject);
  ApiResult<Node> chain(Node first, std::string_view keyword, ConditionKind kind,
                        ApiResult<Node> (Parser::*next)());
  ApiResult<Condition> as_condition(Node node);
  ApiResult<Node> group();

  ApiResult<Operand> operand();
  ApiResult<Operand> term();  // with + and -
  ApiResult<Operand> call(bool in_update);
  ApiResult<Path> path();

  [[nodiscard]] bool is_operand_next() const;
  ApiError unexpected_start() const;

  TokenStream tokens_;
  Literals literals_;
};

// Names and places.

ApiResult<Path> Parser::path() {
  Path path;
  if (!tokens_.is_attribute_name()) return fail(unexpected_start());
  path.steps.emplace_back(tokens_.take().text);
  while (true) {
    if (tokens_.take_if(".")) {
      if (!tokens_.is_attribute_name()) return fail(not_well_formed("Invalid path dot component"));
      path.steps.emplace_back(tokens_.take().text);
    } else if (tokens_.is("[")) {
      tokens_.take();
      if (tokens_.kind() == TokenKind::kString) {
        path.steps.emplace_back(tokens_.take().text);
      } else {
        ASSIGN_OR_RETURN(const std::uint64_t index, literals_.list_index());
        path.steps.emplace_back(index);
      }
      RETURN_IF_ERROR(tokens_.expect("]"));
    } else {
      return path;
    }
  }
}

ApiError Parser::unexpected_start() const {
  if (tokens_.is_keyword("IS") || tokens_.is_keyword("LIKE") || tokens_.is_keyword("IN") ||
      tokens_.is_keyword("BETWEEN")) {
    return not_well_formed("Unexpected operator");
  }
  return not_well_formed("Unexpected term");
}

bool Parser::is_operand_next() const {
  return tokens_.is_attribute_name() || literals_.is_next() || tokens_.is("(") || tokens_.is_call();
}

ApiResult<Operand> Parser::call(bool in_update) {
  const Token name = tokens_.take();
  Operand operand;
  operand.kind = OperandKind::kFunction;
  operand.function_text = lower_case(name.text);
  operand.function = expression::function_of(operand.function_text);
  const bool is_known =
      operand.function != Function::kUnknown && is_of_updates(operand.function) == in_update;
  tokens_.take();  // the parenthesis
  if (!is_known) {
    return fail(validation("Unrecognized function: " + operand.function_text + name.place()));
  }
  if (!tokens_.is(")")) {
    do {
      ASSIGN_OR_RETURN(Operand argument, in_update ? term() : this->operand());
      operand.arguments.push_back(std::move(argument));
    } while (tokens_.take_if(","));
  }
  RETURN_IF_ERROR(tokens_.expect(")"));
  return operand;
}

ApiResult<Operand> Parser::operand() {
  RETURN_IF_ERROR(tokens_.enter());
  const auto leave = tokens_.leave_at_end();
  if (tokens_.is_call()) return call(false);
  if (literals_.is_next()) {
    ASSIGN_OR_RETURN(AttributeValue value, literals_.value("root"));
    return Operand::of_value(std::move(value));
  }
  if (tokens_.take_if("(")) {
    ASSIGN_OR_RETURN(Operand inner, operand());
    RETURN_IF_ERROR(tokens_.expect(")"));
    return inner;
  }
  ASSIGN_OR_RETURN(Path path, this->path());
  return Operand::of_path(std::move(path));
}

ApiResult<Operand> Parser::term() {
  RETURN_IF_ERROR(tokens_.enter());
  const auto leave = tokens_.leave_at_end();
  const auto part = [this]() -> ApiResult<Operand> {
    if (tokens_.is_call()) return call(true);
    if (tokens_.take_if("(")) {
      ASSIGN_OR_RETURN(Operand inner, term());
      RETURN_IF_ERROR(tokens_.expect(")"));
      return inner;
    }
    return operand();
  };
  ASSIGN_OR_RETURN(Operand left, part());
  while (tokens_.is("+") || tokens_.is("-")) {
    Operand sum;
    sum.kind = tokens_.take().text == "+" ? OperandKind::kPlus : OperandKind::kMinus;
    ASSIGN_OR_RETURN(Operand right, part());
    sum.arguments.push_back(std::move(left));
    sum.arguments.push_back(std::move(right));
    left = std::move(sum);
  }
  return left;
}

// Conditions.

ApiResult<Condition> Parser::as_condition(Node node) {
  if (auto* condition = std::get_if<Condition>(&node)) return std::move(*condition);
  auto& operand = std::get<Operand>(node);
  if (operand.kind == OperandKind::kFunction && is_truth(operand.function)) {
    return Condition::of_function(operand.function, std::move(operand.arguments));
  }
  return fail(expected_statement());
}

ApiResult<Condition> Parser::condition() {
  if (!is_operand_next() && !tokens_.is_keyword("NOT")) return fail(unexpected_start());
  ASSIGN_OR_RETURN(Node node, any_of());
  return as_condition(std::move(node));
}

ApiResult<Node> Parser::chain(Node first, std::string_view keyword, ConditionKind kind,
                              ApiResult<Node> (Parser::*next)()) {
  if (!tokens_.is_keyword(keyword)) return first;
  Condition joined;
  joined.kind = kind;
  ASSIGN_OR_RETURN(Condition condition, as_condition(std::move(first)));
  joined.children.push_back(std::move(condition));
  while (tokens_.take_keyword(keyword)) {
    if (!is_operand_next() && !tokens_.is_keyword("NOT")) {
      return fail(not_well_formed("Missing right-hand side expression of infix operator"));
    }
    ASSIGN_OR_RETURN(Node node, (this->*next)());
    ASSIGN_OR_RETURN(condition, as_condition(std::move(node)));
    joined.children.push_back(std::move(condition));
  }
  return Node(std::move(joined));
}

ApiResult<Node> Parser::any_of() {
  ASSIGN_OR_RETURN(Node first, all_of());
  return chain(std::move(first), "OR", ConditionKind::kOr, &Parser::all_of);
}

ApiResult<Node> Parser::all_of() {
  ASSIGN_OR_RETURN(Node first, negation());
  return chain(std::move(first), "AND", ConditionKind::kAnd, &Parser::negation);
}

ApiResult<Node> Parser::negation() {
  if (!tokens_.take_keyword("NOT")) return primary();
  RETURN_IF_ERROR(tokens_.enter());
  const auto leave = tokens_.leave_at_end();
  if (!is_operand_next() && !tokens_.is_keyword("NOT")) return fail(not_well_formed("Unexpected term"));
  ASSIGN_OR_RETURN(Node node, negation());
  ASSIGN_OR_RETURN(Condition condition, as_condition(std::move(node)));
  return Node(Condition::negation_of(std::move(condition)));
}

ApiResult<Node> Parser::group() {
  RETURN_IF_ERROR(tokens_.enter());
  const auto leave = tokens_.leave_at_end();
  tokens_.take();
  if (!is_operand_next() && !tokens_.is_keyword("NOT")) return fail(unexpected_start());
  ASSIGN_OR_RETURN(Node inner, any_of());
  RETURN_IF_ERROR(tokens_.expect(")"));
  return inner;
}

ApiResult<Node> Parser::primary() {
  Node left;
  if (tokens_.is("(")) {
    ASSIGN_OR_RETURN(left, group());
  } else {
    ASSIGN_OR_RETURN(Operand plain, operand());
    left = std::move(plain);
  }
  auto* subject = std::get_if<Operand>(&left);
  if (subject == nullptr) return left;
  const bool is_negative =
      tokens_.is_keyword("NOT") && (tokens_.is_keyword_ahead("IN") || tokens_.is_keyword_ahead("BETWEEN"));
  if (is_negative) tokens_.take();
  ApiResult<Node> test = [&]() -> ApiResult<Node> {
    if (tokens_.is_keyword("BETWEEN")) return between(std::move(*subject));
    if (tokens_.is_keyword("IN")) return membership(std::move(*subject));
    if (tokens_.is_keyword("IS")) return type_test(std::move(*subject));
    return comparison(std::move(*subject));
  }();
  if (!test || !is_negative) return test;
  return Node(Condition::negation_of(std::move(std::get<Condition>(*test))));
}

ApiResult<Node> Parser::comparison(Operand left) {
  static constexpr auto kComparators =
      std::to_array<std::pair<std::string_view, Comparator>>({{"=", Comparator::kEqual},
                                                              {"<>", Comparator::kNotEqual},
                                                              {"!=", Comparator::kNotEqual},
                                                              {"<=", Comparator::kLessOrEqual},
                                                              {">=", Comparator::kGreaterOrEqual},
                                                              {"<", Comparator::kLess},
                                                              {">", Comparator::kGreater}});
  const auto found =
      std::ranges::find_if(kComparators, [this](const auto& pair) { return tokens_.is(pair.first); });
  if (found == kComparators.end()) return Node(std::move(left));
  tokens_.take();
  if (!is_operand_next()) return fail(unexpected_start());
  ASSIGN_OR_RETURN(Operand right, operand());
  // `attribute_exists(a) = true`
  for (auto [function, constant] : {std::pair{&left, &right}, std::pair{&right, &left}}) {
    const bool* const truth = boolean_of(*constant);
    if (truth == nullptr || function->kind != OperandKind::kFunction || !is_truth(function->function))
      continue;
    Condition condition = Condition::of_function(function->function, std::move(function->arguments));
    const bool holds = *truth == (found->second == Comparator::kEqual);
    return Node(holds ? std::move(condition) : Condition::negation_of(std::move(condition)));
  }
  Condition condition;
  condition.kind = ConditionKind::kCompare;
  condition.comparator = found->second;
  condition.operands.push_back(std::move(left));
  condition.operands.push_back(std::move(right));
  return Node(std::move(condition));
}

ApiResult<Node> Parser::between(Operand subject) {
  tokens_.take();
  Condition condition;
  condition.kind = ConditionKind::kBetween;
  condition.operands.push_back(std::move(subject));
  ASSIGN_OR_RETURN(Operand lower_bound, operand());
  condition.operands.push_back(std::move(lower_bound));
  if (!tokens_.take_keyword("AND")) return fail(expected_statement());
  ASSIGN_OR_RETURN(Operand upper_bound, operand());
  condition.operands.push_back(std::move(upper_bound));
  return Node(std::move(condition));
}

ApiResult<Node> Parser::membership(Operand subject) {
  tokens_.take();
  const std::string_view end = tokens_.is("[") ? "]" : ")";
  Condition condition;
  condition.kind = ConditionKind::kIn;
  condition.operands.push_back(std::move(subject));
  if (!tokens_.take_if("[")) RETURN_IF_ERROR(tokens_.expect("("));
  do {
    ASSIGN_OR_RETURN(Operand candidate, operand());
    condition.operands.push_back(std::move(candidate));
  } while (tokens_.take_if(","));
  RETURN_IF_ERROR(tokens_.expect(end));
  return Node(std::move(condition));
}

ApiResult<Node> Parser::type_test(Operand subject) {
  tokens_.take();
  const bool is_negative = tokens_.take_keyword("NOT");
  std::vector<Operand> operands;
  operands.push_back(std::move(subject));
  if (tokens_.take_keyword("MISSING")) {
    return Node(Condition::of_function(
        is_negative ? Function::kAttributeExists : Function::kAttributeNotExists, std::move(operands)));
  }
  const auto type = std::ranges::find_if(
      kTypeNames, [this](const TypeName& name) { return tokens_.is_keyword(name.word); });
  if (type == kTypeNames.end()) return fail(not_well_formed("Expected type name"));
  tokens_.take();
  if (type->word == "DOUBLE") tokens_.take_keyword("PRECISION");
  if (type->word == "CHARACTER") tokens_.take_keyword("VARYING");
  operands.push_back(Operand::of_value({std::string(type->descriptor)}));
  Condition condition = Condition::of_function(Function::kAttributeType, std::move(operands));
  return Node(is_negative ? Condition::negation_of(std::move(condition)) : std::move(condition));
}

// Statements.

ApiResult<void> Parser::refuse_alias() {
  const bool is_alias = tokens_.is_keyword("AS") || (tokens_.is_attribute_name() && !tokens_.is_call());
  return is_alias ? ApiResult<void>(fail(validation("Aliasing is not supported"))) : ApiResult<void>();
}

ApiResult<void> Parser::table(Statement* statement, bool may_have_index) {
  if (!tokens_.is_attribute_name()) return fail(not_well_formed("Unexpected term"));
  statement->table = tokens_.take().text;
  if (may_have_index && tokens_.take_if(".")) {
    if (!tokens_.is_attribute_name()) return fail(not_well_formed("Invalid path dot component"));
    statement->index = tokens_.take().text;
  }
  return {};
}

ApiResult<void> Parser::where(Statement* statement) {
  if (!tokens_.take_keyword("WHERE")) return {};
  ASSIGN_OR_RETURN(statement->where, condition());
  return {};
}

ApiResult<void> Parser::order(Statement* statement) {
  if (!tokens_.take_keyword("ORDER")) return {};
  if (!tokens_.take_keyword("BY")) return fail(expected_statement());
  do {
    if (!tokens_.is_attribute_name()) return fail(unexpected_start());
    OrderKey key{.attribute = tokens_.take().text, .descends = false};
    if (!tokens_.take_keyword("ASC")) key.descends = tokens_.take_keyword("DESC");
    statement->order.push_back(std::move(key));
  } while (tokens_.take_if(","));
  return {};
}

ApiResult<void> Parser::returning(Statement* statement) {
  if (!tokens_.take_keyword("RETURNING")) return {};
  const bool all = tokens_.take_keyword("ALL");
  const bool is_known = all || tokens_.take_keyword("MODIFIED");
  const bool old = is_known && tokens_.take_keyword("OLD");
  const bool is_whole = is_known && (old || tokens_.take_keyword("NEW")) && tokens_.take_if("*");
  if (!is_whole || (statement->kind == StatementKind::kDelete && !(all && old))) {
    return fail(expected_statement());
  }
  statement->returning = all ? (old ? Returning::kAllOld : Returning::kAllNew)
                             : (old ? Returning::kModifiedOld : Returning::kModifiedNew);
  return {};
}

ApiResult<Statement> Parser::select() {
  Statement statement;
  if (!tokens_.take_if("*")) {
    do {
      if (tokens_.is_call()) return fail(validation("Unexpected path component" + tokens_.token().place()));
      ASSIGN_OR_RETURN(Path path, this->path());
      statement.paths.push_back(std::move(path));
    } while (tokens_.take_if(","));
  }
  if (!tokens_.take_keyword("FROM")) return fail(expected_statement());
  RETURN_IF_ERROR(table(&statement, true));
  RETURN_IF_ERROR(refuse_alias());
  RETURN_IF_ERROR(where(&statement));
  RETURN_IF_ERROR(order(&statement));
  return statement;
}

ApiResult<Statement> Parser::insert() {
  Statement statement;
  statement.kind = StatementKind::kInsert;
  if (!tokens_.take_keyword("INTO")) return fail(expected_statement());
  RETURN_IF_ERROR(table(&statement, false));
  if (!tokens_.take_keyword("VALUE")) return fail(not_well_formed("Unexpected token after expression"));
  ASSIGN_OR_RETURN(statement.item, literals_.item());
  return statement;
}

ApiResult<void> Parser::assignment(Statement* statement) {
  UpdateAction action;
  ASSIGN_OR_RETURN(action.target, path());
  RETURN_IF_ERROR(tokens_.expect("="));
  if (literals_.is_set_function()) {
    ASSIGN_OR_RETURN(action.kind,
                     literals_.set_function(action.target, &action.operand, [this] { return path(); }));
  } else {
    action.kind = UpdateActionKind::kSet;
    if (!is_operand_next()) return fail(unexpected_start());
    ASSIGN_OR_RETURN(action.operand, term());
  }
  statement->update.actions.push_back(std::move(action));
  return {};
}

ApiResult<void> Parser::changes(Statement* statement) {
  while (true) {
    if (tokens_.take_keyword("SET")) {
      do {
        RETURN_IF_ERROR(assignment(statement));
      } while (tokens_.take_if(","));
    } else if (tokens_.take_keyword("REMOVE")) {
      do {
        UpdateAction action;
        action.kind = UpdateActionKind::kRemove;
        ASSIGN_OR_RETURN(action.target, path());
        statement->update.actions.push_back(std::move(action));
      } while (tokens_.take_if(","));
    } else if (statement->update.actions.empty()) {
      return fail(expected_statement());
    } else {
      return {};
    }
  }
}

ApiResult<Statement> Parser::update() {
  Statement statement;
  statement.kind = StatementKind::kUpdate;
  RETURN_IF_ERROR(table(&statement, false));
  RETURN_IF_ERROR(refuse_alias());
  RETURN_IF_ERROR(changes(&statement));
  RETURN_IF_ERROR(where(&statement));
  RETURN_IF_ERROR(returning(&statement));
  return statement;
}

// The condition stands first.
ApiResult<Statement> Parser::update_from() {
  Statement statement;
  statement.kind = StatementKind::kUpdate;
  RETURN_IF_ERROR(table(&statement, false));
  RETURN_IF_ERROR(refuse_alias());
  RETURN_IF_ERROR(where(&statement));
  RETURN_IF_ERROR(changes(&statement));
  RETURN_IF_ERROR(returning(&statement));
  return statement;
}

ApiResult<Statement> Parser::remove() {
  Statement statement;
  statement.kind = StatementKind::kDelete;
  if (!tokens_.take_keyword("FROM")) return fail(expected_statement());
  RETURN_IF_ERROR(table(&statement, false));
  RETURN_IF_ERROR(refuse_alias());
  RETURN_IF_ERROR(where(&statement));
  RETURN_IF_ERROR(returning(&statement));
  return statement;
}

ApiResult<Statement> Parser::exists() {
  RETURN_IF_ERROR(tokens_.expect("("));
  if (!tokens_.take_keyword("SELECT")) return fail(expected_statement());
  ASSIGN_OR_RETURN(Statement statement, select());
  RETURN_IF_ERROR(tokens_.expect(")"));
  statement.kind = StatementKind::kExists;
  return statement;
}

ApiResult<Statement> Parser::statement() {
  if (tokens_.take_keyword("SELECT")) return select();
  if (tokens_.take_keyword("INSERT")) return insert();
  if (tokens_.take_keyword("UPDATE")) return update();
  if (tokens_.take_keyword("FROM")) return update_from();
  if (tokens_.take_keyword("DELETE")) return remove();
  if (tokens_.take_keyword("EXISTS")) return exists();
  return fail(expected_statement());
}

ApiResult<Statement> Parser::run() {
  ASSIGN_OR_RETURN(Statement parsed, statement());
  tokens_.take_if(";");
  if (tokens_.kind() != TokenKind::kEnd) return fail(not_well_formed("Unexpected token after expression"));
  RETURN_IF_ERROR(literals_.require_all_parameters_used());
  if (parsed.where) {
    if (const auto checked = expression::check_operands(&*parsed.where); !checked) {
      return fail(validation(checked.error()));
    }
  }
  if (const auto checked = expression::check_operands(&parsed.update); !checked) {
    return fail(validation(checked.error()));
  }
  return parsed;
}

}  // namespace

ApiResult<Statement> parse(std::string_view text, const std::vector<AttributeValue>& parameters) {
  ASSIGN_OR_RETURN(std::vector<Token> tokens, tokenize(text));
  return Parser(std::move(tokens), parameters).run();
}

}  // namespace tidemark::api::partiql

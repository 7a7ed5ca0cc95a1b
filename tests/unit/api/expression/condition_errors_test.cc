// Everything that can be wrong with a condition before an item is seen.
#include <string>

#include "api/expression/parser.h"
#include "api/expression/resolve.h"
#include "tests/unit/api/expression/support.h"

namespace tidemark::api::expression {
namespace {

std::string check(std::string_view text) {
  Substitutions substitutions = common_substitutions();
  return outcome(compile_condition(ExpressionKind::kFilter, text, substitutions));
}

const std::string kPrefix = "Invalid FilterExpression: ";

TEST_CASE("conditions with a syntax error name the token and what is near") {
  struct Case {
    const char* text;
    const char* token;
    const char* near;
  };
  const auto c = GENERATE(values<Case>({
      {"a-b", "-", "a-b"},
      {"a", "<EOF>", "a"},
      {"   ", "<EOF>", ""},
      {"attribute_not_exists(", "<EOF>", "("},
      {"attribute_exists()", ")", "()"},
      {"a = = b", "=", "= = b"},
      {"pk = :hashId a", "a", ":hashId a"},
      {"a.0.b = :n", "0", ".0."},
      {"things are not gonna be ok", "are", "things are not"},
      {"a > 4", "4", "> 4"},
      {"attribute_exists(Pictures-RearView)", "-", "Pictures-RearView"},
      {"attribute_exists(Pictures..RearView)", ".", "..RearView"},
      {"attribute_exists(Pi#ctures.RearView)", "#ctures", "Pi#ctures."},
      {"attribute_exists(asdf[a])", "a", "[a]"},
      {"a in b, c", "b", "in b,"},
      {"a in (b,c,)", ")", ",)"},
      {"a > between", "between", "> between"},
      {"(a)between(b.(c.d))and(c)", "(", ".(c"},
      {"#$.b > a", "#", "#$"},
      {"a > :things.stuff", ".", ":things.stuff"},
      {"b[:a] > a", ":a", "[:a]"},
      {"\xC3\xBC > a", "\xC3\xBC", "\xC3\xBC >"},
      {"(a)between(b.c[4.5].#d)and(:a)", ".", "4.5"},
      {"size(a).b > a", ".", ").b"},
      {"(size(a)).b > a", ".", ").b"},
      {"size(a)[0] > a", "[", ")[0"},
      {"a = :n AND b", "<EOF>", "b"},
      {"a AND b = :n", "AND", "a AND b"},
      {"NOT a", "<EOF>", "a"},
      {"(a = :n", "<EOF>", ":n"},
      {"a = :n)", ")", ":n)"},
      {"a > (b = c)", "=", "b = c"},
      {"(a = b) = c", "=", ") = c"},
      {"a BETWEEN :n OR :m", "OR", ":n OR :m"},
      {"()", ")", "()"},
      {"a = :n OR OR b = :n", "OR", "OR OR b"},
      {":n", "<EOF>", ":n"},
      {"a.and = :n", "and", ".and ="},
      {"a = :", ":", "= :"},
  }));
  INFO(c.text);
  CHECK(check(c.text) == kPrefix + "Syntax error; token: \"" + c.token + "\", near: \"" + c.near + "\"");
}

TEST_CASE("conditions that are fine") {
  const auto text =
      GENERATE(as<std::string>{}, "a = :s", "#a = :s and #b = :s", "(a = :s) AND (b = :s)",
               "(a = :s AND (b = :s))", "NOT a = :s", "not not a = :s", "(NOT (a = :s))", "a IN (:s)",
               "a in (:s, b, size(c))", "a between :n and :m", "(a)between(b.c[45].#d)and(:n)", "(a) = (:s)",
               "size(a) > :n", "size(:s) > :n", "(size(a)) > :n", "a[0].b[1] = :s", "attribute_exists(a.b)",
               ":s > :s", "(a).b = c", "attribute_type(a, :s) OR a = b", "begins_with(:b, :s)",
               "contains(a, b)", "((a=b) OR (a=c))", "a=:n OR b=:n AND c=:n", "a\t=\r\n:s");
  INFO(text);
  const std::string expected = text.starts_with("attribute_type")
                                   ? kPrefix +
                                         "Invalid attribute type name found; type: a, valid types: "
                                         "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
                                   : "ok";
  CHECK(check(text) == expected);
}

TEST_CASE("conditions that do not fit their names, values, functions or operands") {
  struct Case {
    const char* text;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"", "The expression can not be empty;"},
      // Parentheses come first, then unknown functions, misplaced ones, reserved words.
      {"((a = :s))", "The expression has redundant parentheses;"},
      {"a=a and a > ((views))", "The expression has redundant parentheses;"},
      {"(a)between(((b.c)).d)and(c)", "The expression has redundant parentheses;"},
      {"a > whatever((:things), ((a)))", "The expression has redundant parentheses;"},
      {"a=a AND ((a=a AND (a=a AND a=a)))", "The expression has redundant parentheses;"},
      {"a=a and whatever((:things)) > a", "Invalid function name; function: whatever"},
      {"attRIbute_exIsts((views), #a)", "Invalid function name; function: attRIbute_exIsts"},
      {"Size(a) > :n", "Invalid function name; function: Size"},
      {"a=a and attribute_exists((views), (#x)) > b",
       "The function is not allowed to be used this way in an expression; function: attribute_exists"},
      {"size(contains(a, b)) > a",
       "The function is not allowed to be used this way in an expression; function: contains"},
      {"size(things)", "The function is not allowed to be used this way in an expression; function: size"},
      {"a between b and attribute_exists(things)",
       "The function is not allowed to be used this way in an expression; function: attribute_exists"},
      {"a in (b, attribute_exists(things))",
       "The function is not allowed to be used this way in an expression; function: attribute_exists"},
      {"if_not_exists(a, :s) = b",
       "The function is not allowed to be used this way in an expression; function: if_not_exists"},
      {"list_append(a, :l)",
       "The function is not allowed to be used this way in an expression; function: list_append"},
      {"attribute_exists(views, #x)", "Attribute name is a reserved keyword; reserved keyword: views"},
      {":x < abOrT", "Attribute name is a reserved keyword; reserved keyword: abOrT"},
      {"a.status = :s", "Attribute name is a reserved keyword; reserved keyword: status"},
      // From here on, one comparison or function after the other.
      {"attribute_exists(#Pictures.RearView, :a) and a=a",
       "An expression attribute name used in the document path is not defined; attribute name: #Pictures"},
      {"begins_with(Pictures.#RearView)",
       "An expression attribute name used in the document path is not defined; attribute name: #RearView"},
      {"(#P between :lo and :hi) and (#PC in (:cat1, :cat2))",
       "An expression attribute name used in the document path is not defined; attribute name: #P"},
      {"begins_with(:hello, #x, #y)",
       "An expression attribute value used in expression is not defined; attribute value: :hello"},
      {":x < :y", "An expression attribute value used in expression is not defined; attribute value: :x"},
      {"attribute_exists(things, a) and a=a",
       "Incorrect number of operands for operator or function; operator or function: attribute_exists, "
       "number "
       "of operands: 2"},
      {"attribute_type(things)",
       "Incorrect number of operands for operator or function; operator or function: attribute_type, number "
       "of "
       "operands: 1"},
      {"begins_with(things, size(a), b)",
       "Incorrect number of operands for operator or function; operator or function: begins_with, number of "
       "operands: 3"},
      {"size(things, a) > b",
       "Incorrect number of operands for operator or function; operator or function: size, number of "
       "operands: "
       "2"},
      {"a = a AND #a = b AND :views > a",
       "The first operand must be distinct from the remaining operands for this operator or function; "
       "operator: "
       "=, first operand: [a]"},
      {"#a <> a",
       "The first operand must be distinct from the remaining operands for this operator or function; "
       "operator: "
       "<>, first operand: [a]"},
      {"contains(ab.bc[1].a, ab.bc[1].#a)",
       "The first operand must be distinct from the remaining operands for this operator or function; "
       "operator: "
       "contains, first operand: [ab, bc, [1], a]"},
      {"((a=a) OR (a=a))",
       "The first operand must be distinct from the remaining operands for this operator or function; "
       "operator: "
       "=, first operand: [a]"},
      {"begins_with(a, :n)",
       "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"},
      {"begins_with(:ss, a)",
       "Incorrect operand type for operator or function; operator or function: begins_with, operand type: "
       "SS"},
      {"begins_with(a, size(a)) and a=:x",
       "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"},
      {"attribute_type(a, size(a)) and a=a",
       "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: "
       "N"},
      {"attribute_type(a, :bool)",
       "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: "
       "BOOL"},
      {"attribute_type(a, b)",
       "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: "
       "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"},
      {"attribute_type(a, :s)",
       "Invalid attribute type name found; type: a, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
      {"size(size(a)) > :s",
       "Incorrect operand type for operator or function; operator or function: size, operand type: N"},
      {"attribute_not_exists(size(:n))",
       "Incorrect operand type for operator or function; operator or function: size, operand type: N"},
      {"size(:bool) > a",
       "Incorrect operand type for operator or function; operator or function: size, operand type: BOOL"},
      {"size(:null) > a",
       "Incorrect operand type for operator or function; operator or function: size, operand type: NULL"},
      {"attribute_exists(:s) and a=a",
       "Operator or function requires a document path; operator or function: attribute_exists"},
      {"attribute_not_exists(size(:s))",
       "Operator or function requires a document path; operator or function: attribute_not_exists"},
      {"a < :bool",
       "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"},
      {":map >= a",
       "Incorrect operand type for operator or function; operator or function: >=, operand type: M"},
      {"a BETWEEN :s AND :n",
       "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: "
       "AttributeValue: {S:a}, upper bound operand: AttributeValue: {N:1}"},
      {"a BETWEEN :m AND :n",
       "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound "
       "operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"},
      {"a BETWEEN :t AND :s",
       "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound "
       "operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: {S:a}"},
      {"a BETWEEN :b AND :s",
       "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: "
       "AttributeValue: {B:YQ==}, upper bound operand: AttributeValue: {S:a}"},
      {"a[4294967295] = :s", "List index is not within the allowable range; index: [4294967295]"},
      {"a[99999999999999999999999] = :s",
       "List index is not within the allowable range; index: [99999999999999999999999]"},
  }));
  INFO(c.text);
  CHECK(check(c.text) == kPrefix + c.message);
}

TEST_CASE("the kind of expression stands in the message") {
  struct Case {
    ExpressionKind kind;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {ExpressionKind::kCondition, "Invalid ConditionExpression: The expression can not be empty;"},
      {ExpressionKind::kKeyCondition, "Invalid KeyConditionExpression: The expression can not be empty;"},
      {ExpressionKind::kSearchCondition,
       "Invalid SearchConditionExpression: The expression can not be empty;"},
  }));
  Substitutions substitutions;
  CHECK(outcome(compile_condition(c.kind, "", substitutions)) == c.message);
}

// `a=:n` joined `count` times, which has 2 * count - 1 operators.
std::string chain(std::size_t count) {
  std::string text = "a=:n";
  for (std::size_t i = 1; i < count; ++i) text += " OR a=:n";
  return text;
}

TEST_CASE("limits of conditions") {
  SECTION("size of the text") {
    std::string text = "a = :n";
    text.insert(1, kExpressionBytesMax - text.size(), ' ');
    CHECK(check(text) == "ok");
    text.insert(1, 1, ' ');
    CHECK(check(text) ==
          kPrefix + "Expression size has exceeded the maximum allowed size; expression size: 4097");
  }
  SECTION("number of operators") {
    CHECK(check(chain(150)) == "ok");
    CHECK(check(chain(150) + " OR attribute_exists(a)") ==
          kPrefix + "The expression contains too many operators; operator count: 301");
    CHECK(check(chain(150) + " AND") == kPrefix + "Syntax error; token: \"<EOF>\", near: \"AND\"");
  }
  SECTION("BETWEEN counts once") {
    CHECK(check("a BETWEEN :n AND :m OR " + chain(149)) == "ok");
    CHECK(check("a BETWEEN :n AND :m OR a BETWEEN :n AND :m OR " + chain(149)) ==
          kPrefix + "The expression contains too many operators; operator count: 301");
  }
  SECTION("operands of IN") {
    std::string text = "a IN (:n";
    for (int i = 1; i < 100; ++i) text += ",:n";
    CHECK(check(text + ")") == "ok");
    CHECK(check(text + ",:n)") == kPrefix +
                                      "Incorrect number of operands for operator or function; operator or "
                                      "function: IN, number of operands: 101");
  }
}

TEST_CASE("nesting is bounded") {
  const std::string open(2000, '(');
  const std::string close(2000, ')');
  CHECK(check(open + "a=:n" + close) == kPrefix + "The expression has redundant parentheses;");
  CHECK(check("a=" + open + ":n" + close) == kPrefix + "The expression has redundant parentheses;");
  CHECK(check(std::string(4096, '(')) == kPrefix + "The expression has redundant parentheses;");

  std::string nots;
  while (nots.size() < 4000) nots += "NOT ";
  CHECK(check(nots + "a=:n") == kPrefix + "The expression contains too many operators; operator count: 1001");

  std::string sizes;
  std::string ends;
  for (int i = 0; i < 600; ++i) {
    sizes += "size(";
    ends += ")";
  }
  CHECK(check(sizes + "a" + ends + "=:n") ==
        kPrefix + "The expression contains too many operators; operator count: 601");

  // As deep as the number of operators allows.
  std::string deep = "a=:n";
  for (int i = 0; i < 149; ++i) deep.insert(0, "(a=:n AND ").append(")");
  CHECK(check(deep) == "ok");
}

}  // namespace
}  // namespace tidemark::api::expression

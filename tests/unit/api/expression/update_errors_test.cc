// Everything that can be wrong with an update or a projection before an item is seen.
#include <string>

#include "api/expression/parser.h"
#include "api/expression/resolve.h"
#include "tests/unit/api/expression/support.h"

namespace tidemark::api::expression {
namespace {

std::string check_update(std::string_view text) {
  Substitutions substitutions = common_substitutions();
  return outcome(compile_update(text, substitutions));
}

std::string check_projection(std::string_view text) {
  Substitutions substitutions = common_substitutions();
  return outcome(compile_projection(text, substitutions));
}

const std::string kUpdate = "Invalid UpdateExpression: ";
const std::string kProjection = "Invalid ProjectionExpression: ";

TEST_CASE("updates with a syntax error name the token and what is near") {
  struct Case {
    const char* text;
    const char* token;
    const char* near;
  };
  const auto c = GENERATE(values<Case>({
      {"INVALID SYNTAX HERE", "INVALID", "INVALID SYNTAX"},
      {"ADD hits : incr", ":", "hits : incr"},
      {"SET path = VALUE 1", "1", "VALUE 1"},
      {"SET a = :s,", "<EOF>", ","},
      {"SET a = :s, #, b = :s", "#", ", #,"},
      {" ", "<EOF>", ""},
      {"set a", "<EOF>", "a"},
      {"set a=set", "set", "=set"},
      {"remove a = b", "=", "a = b"},
      {"add a = b", "=", "a = b"},
      {"delete a b", "b", "a b"},
      {"delete a if_not_exist(b)", "if_not_exist", "a if_not_exist("},
      {"remove a b", "b", "a b"},
      {"set :a = b", ":a", "set :a ="},
      {"remove :a", ":a", "remove :a"},
      {"set a = b / c", "/", "b / c"},
      {"set a[1] = \"eight\"", "\"", "= \"eight"},
      {"set a[1] = 1", "1", "= 1"},
      {"SET a = if_not_exist(a, 100)", "100", ", 100)"},
      {"SET if_not_exist(a, b) = a", "(", "if_not_exist(a"},
      {"set (a = (b + c))", "(", "set (a"},
      {"set a = (b.c).d + e", ".", ").d"},
      {"set a = (b.c)[0] + e", "[", ")[0"},
      {"set a = b + c + d", "+", "c + d"},
      {"SET a = if_not_exists(a, :n + :n)", "+", ":n + :n"},
      {"SET a = (:n", "<EOF>", ":n"},
  }));
  INFO(c.text);
  CHECK(check_update(c.text) ==
        kUpdate + "Syntax error; token: \"" + c.token + "\", near: \"" + c.near + "\"");
}

TEST_CASE("updates that are fine") {
  const auto text =
      GENERATE(as<std::string>{}, "SET a = :s", "set a=:s,b=:s remove c add d :n delete e :ss",
               "SET a = if_not_exists(a, :n) + :n", "SET a = if_not_exists(a, if_not_exists(b, c))",
               "SET a = (b + c)", "set a = ((b.c.d)+(e))", "set a[1] = b", "SET a = list_append(:l, a)",
               "SET a.b = :s, a.c = :s, d[0] = :s, d[1] = :s", "REMOVE #dot", "SET a = ((:s))",
               "ADD a.b[1] :ns", "SET #a = b, #b = a", "SET a = -1 - :n");
  INFO(text);
  const std::string expected =
      text == "SET a = -1 - :n" ? kUpdate + "Syntax error; token: \"-\", near: \"= -1\"" : "ok";
  CHECK(check_update(text) == expected);
}

TEST_CASE("updates that do not fit their names, values, functions or operands") {
  struct Case {
    const char* text;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"", "The expression can not be empty;"},
      {" set #c = :c set abOrt = true ", "Attribute name is a reserved keyword; reserved keyword: abOrt"},
      {" remove Absolute ", "Attribute name is a reserved keyword; reserved keyword: Absolute"},
      {"set a = b.data + unknown(c)", "Attribute name is a reserved keyword; reserved keyword: data"},
      {"set #c = if_not_exist(:c) set c = d", "Invalid function name; function: if_not_exist"},
      {"set a = size(b)", "The function is not allowed in an update expression; function: size"},
      {"set a = #c set c = :d", "The \"SET\" section can only be used once in an update expression;"},
      {"remove #e set a = b remove e",
       "The \"REMOVE\" section can only be used once in an update expression;"},
      {"add #e :e set a = b add e :f", "The \"ADD\" section can only be used once in an update expression;"},
      {"delete #e :e set a = b Delete #e :f",
       "The \"DELETE\" section can only be used once in an update expression;"},
      {"SET #c = if_not_exists(:c)",
       "An expression attribute name used in the document path is not defined; attribute name: #c"},
      {"SET a = :x, b = #c",
       "An expression attribute name used in the document path is not defined; attribute name: #c"},
      {"SET #a = if_not_exists(:c)",
       "An expression attribute value used in expression is not defined; attribute value: :c"},
      {"ADD a :x", "An expression attribute value used in expression is not defined; attribute value: :x"},
      {"set d[1] = a, d.b = a, c[1].a = a, c = if_not_exists(a)",
       "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [c, "
       "[1], "
       "a], path two: [c]"},
      {"set b[3].#d = a, #b[3] = a",
       "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [b, "
       "[3], "
       "[3]], path two: [b, [3]]"},
      {"SET #a = :s REMOVE a",
       "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: "
       "[a], "
       "path two: [a]"},
      {"set #b[3].#d = a, #b.#d[3] = if_not_exists(a)",
       "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: "
       "[b, "
       "[3], [3]], path two: [b, [3], [3]]"},
      {"remove a.#b set a[0] = #d",
       "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: "
       "[a, b], "
       "path two: [a, [0]]"},
      {"set b = list_append(:s, a), c = if_not_exists(a) add a.b :s",
       "Incorrect operand type for operator or function; operator: ADD, operand type: STRING"},
      {"delete a.b :s",
       "Incorrect operand type for operator or function; operator: DELETE, operand type: STRING"},
      {"add a.b :null", "Incorrect operand type for operator or function; operator: ADD, operand type: NULL"},
      {"add a.b :bool",
       "Incorrect operand type for operator or function; operator: ADD, operand type: BOOLEAN"},
      {"delete a :b",
       "Incorrect operand type for operator or function; operator: DELETE, operand type: BINARY"},
      {"add a :map", "Incorrect operand type for operator or function; operator: ADD, operand type: MAP"},
      {"delete a :l",
       "Incorrect operand type for operator or function; operator: DELETE, operand type: LIST"},
      {"delete a :n",
       "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER"},
      {"set a = if_not_exists(c)",
       "Incorrect number of operands for operator or function; operator or function: if_not_exists, number "
       "of "
       "operands: 1"},
      {"set a = list_append(c, d, e)",
       "Incorrect number of operands for operator or function; operator or function: list_append, number of "
       "operands: 3"},
      {"set a = if_not_exists(:s, c)",
       "Operator or function requires a document path; operator or function: if_not_exists"},
      {"set a = if_not_exists(if_not_exists(a, b), c)",
       "Operator or function requires a document path; operator or function: if_not_exists"},
      {"set a = list_append(a, :n)",
       "Incorrect operand type for operator or function; operator or function: list_append, operand type: N"},
      {"set a = list_append(:ss, a)",
       "Incorrect operand type for operator or function; operator or function: list_append, operand type: "
       "SS"},
      {"set a = a + :s",
       "Incorrect operand type for operator or function; operator or function: +, operand type: S"},
      {"set a = :l - a",
       "Incorrect operand type for operator or function; operator or function: -, operand type: L"},
      {"set a[4294967295] = :s", "List index is not within the allowable range; index: [4294967295]"},
  }));
  INFO(c.text);
  CHECK(check_update(c.text) == kUpdate + c.message);
}

TEST_CASE("limits of updates") {
  SECTION("size of the text") {
    std::string text = "SET a = :s";
    text.insert(3, kExpressionBytesMax - text.size(), ' ');
    CHECK(check_update(text) == "ok");
    text.insert(3, 1, ' ');
    CHECK(check_update(text) == kUpdate + "Expression size has exceeded the maximum allowed size;");
  }
  SECTION("number of operators") {
    std::string text = "SET a0=b+c";
    for (int i = 1; i < 300; ++i) text += ",a" + std::to_string(i) + "=b+c";
    CHECK(check_update(text) == "ok");
    CHECK(check_update(text + ",z=b-c") ==
          kUpdate + "The expression contains too many operators; operator count: 301");
  }
  SECTION("nesting") {
    CHECK(check_update("SET a=" + std::string(2000, '(') + ":n" + std::string(2000, ')')) ==
          kUpdate + "The expression has redundant parentheses;");
    std::string calls = "SET a=";
    for (int i = 0; i < 400; ++i) calls += "f(";
    CHECK(check_update(calls) == kUpdate + "The expression contains too many operators; operator count: 400");
  }
}

TEST_CASE("projections") {
  struct Case {
    const char* text;
    std::string expected;
  };
  const auto c = GENERATE(values<Case>({
      {"a", "ok"},
      {"a, b.c[0][1].d, #dot", "ok"},
      {"a[0], a[1]", "ok"},
      {"set, remove", kProjection + "Attribute name is a reserved keyword; reserved keyword: set"},
      {"", kProjection + "The expression can not be empty;"},
      {"!!! INVALID !!!", kProjection + "Syntax error; token: \"!\", near: \"!!\""},
      {"a, #, b", kProjection + "Syntax error; token: \"#\", near: \", #,\""},
      {"a b", kProjection + "Syntax error; token: \"b\", near: \"a b\""},
      {"a,", kProjection + "Syntax error; token: \"<EOF>\", near: \",\""},
      {"a, :v", kProjection + "Syntax error; token: \":v\", near: \", :v\""},
      {"a[x]", kProjection + "Syntax error; token: \"x\", near: \"[x]\""},
      {"#x, status", kProjection + "Attribute name is a reserved keyword; reserved keyword: status"},
      {"#x", kProjection +
                 "An expression attribute name used in the document path is not defined; attribute name: #x"},
      {"a.b, #a",
       kProjection +
           "Two document paths overlap with each other; must remove or rewrite one of these paths; path "
           "one: [a, b], path two: [a]"},
      {"a[0], a.b",
       kProjection +
           "Two document paths conflict with each other; must remove or rewrite one of these paths; "
           "path one: [a, [0]], path two: [a, b]"},
      {"a[99999999999999]",
       kProjection + "List index is not within the allowable range; index: [99999999999999]"},
  }));
  INFO(c.text);
  CHECK(check_projection(c.text) == c.expected);
}

}  // namespace
}  // namespace tidemark::api::expression

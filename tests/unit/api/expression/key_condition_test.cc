#include "api/expression/key_condition.h"

#include <string>

#include "tests/unit/api/expression/support.h"

namespace tidemark::api::expression {
namespace {

using model::KeyType;

const model::KeySchema kHashOnly{{{"pk", KeyType::kString}}, {}};
const model::KeySchema kComposite{{{"pk", KeyType::kString}}, {{"sk", KeyType::kString}}};
const model::KeySchema kNumeric{{{"pk", KeyType::kNumber}}, {{"sk", KeyType::kBinary}}};
const model::KeySchema kWide{{{"p1", KeyType::kString}, {"p2", KeyType::kString}},
                             {{"s1", KeyType::kString}, {"s2", KeyType::kString}, {"s3", KeyType::kString}}};

Substitutions key_substitutions() {
  return substitutions_of(R"({"#pk":"pk"})",
                          R"({":p":{"S":"part"},":q":{"S":"sort"},":z":{"S":"z"},":e":{"S":""},":n":{"N":"7"},
                             ":b":{"B":"AQ=="},":eb":{"B":""},":bool":{"BOOL":true},":long":{"S":")" +
                              std::string(2049, 'x') + R"("}})");
}

std::string check(std::string_view text, const model::KeySchema& schema) {
  Substitutions substitutions = key_substitutions();
  const auto conditions = compile_key_condition(text, substitutions);
  return conditions.has_value() ? outcome(bind(*conditions, schema, model::Wording::kClassic))
                                : outcome(conditions);
}

TEST_CASE("key conditions that no schema allows") {
  const std::string prefix = "Invalid KeyConditionExpression: ";
  const std::string op = "Invalid operator used in KeyConditionExpression: ";
  const std::string condition = "Invalid condition in KeyConditionExpression: ";
  struct Case {
    const char* text;
    std::string message;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"", prefix + "The expression can not be empty;"},
      {"pk = :p AND", prefix + "Syntax error; token: \"<EOF>\", near: \"AND\""},
      {"((pk = :p))", prefix + "The expression has redundant parentheses;"},
      {"pk = :p OR sk = :q", op + "OR"},
      {"pk > sk and size(sk) > gone or pk > gone", op + "OR"},
      {"NOT pk = :p", op + "NOT"},
      {"pk IN (:p)", op + "IN"},
      {"pk <> :p", op + "<>"},
      {"attribute_exists(pk)", op + "attribute_exists"},
      {"attribute_not_exists(pk)", op + "attribute_not_exists"},
      {"pk = :p AND contains(sk, :q)", op + "contains"},
      {"size(pk) = :n", "KeyConditionExpressions cannot contain nested operations"},
      {"pk = size(sk)", condition + "Multiple attribute names used in one condition"},
      {"pk.a = :p", prefix + "KeyConditionExpressions cannot have conditions on nested attributes"},
      {"pk[0] = :p", prefix + "KeyConditionExpressions cannot have conditions on nested attributes"},
      {"pk = :p AND pk = :q", prefix + "KeyConditionExpressions must only contain one condition per key"},
      {"pk = :p AND #pk > :q", prefix + "KeyConditionExpressions must only contain one condition per key"},
      {"pk = sk", condition + "Multiple attribute names used in one condition"},
      {"begins_with(pk, sk)", condition + "Multiple attribute names used in one condition"},
      {":p BETWEEN pk AND :z",
       condition + "BETWEEN operator must have the key attribute as its first operand"},
      {"begins_with(:p, pk)",
       condition + "begins_with operator must have the key attribute as its first operand"},
      {":p = :q", condition + "No key attribute specified"},
      {"begins_with(pk, :n)",
       prefix + "Incorrect operand type for operator or function; operator or function: begins_with, operand "
                "type: N"},
      {"pk < :bool",
       prefix +
           "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"},
      {"pk BETWEEN :z AND :p",
       prefix + "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower "
                "bound "
                "operand: AttributeValue: {S:z}, upper bound operand: AttributeValue: {S:part}"},
      {"hash = :p", prefix + "Attribute name is a reserved keyword; reserved keyword: hash"},
  }));
  // size() of an attribute is nested before the second attribute is noticed.
  const std::string expected = std::string(c.text) == "pk = size(sk)"
                                   ? "KeyConditionExpressions cannot contain nested operations"
                                   : c.message;
  INFO(c.text);
  Substitutions substitutions = key_substitutions();
  CHECK(outcome(compile_key_condition(c.text, substitutions)) == expected);
}

TEST_CASE("key conditions that do not fit the schema") {
  const std::string type =
      "One or more parameter values were invalid: Condition parameter type does not match schema type";
  const std::string empty =
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
      "empty ";
  struct Case {
    const char* text;
    const model::KeySchema* schema;
    std::string message;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"sk = :q", &kComposite, "Query condition missed key schema element: pk"},
      {"attr1 = :q", &kComposite, "Query condition missed key schema element: pk"},
      {"pk = :p AND x = :q", &kComposite, "Query condition missed key schema element: sk"},
      {"pk > :p", &kComposite, "Query key condition not supported"},
      {"begins_with(pk, :p)", &kHashOnly, "Query key condition not supported"},
      {"pk = :p AND x = :q", &kHashOnly, "Query key condition not supported"},
      {"pk = :n", &kComposite, type},
      {"pk = :p AND sk = :b", &kComposite, type},
      {"pk = :p AND sk BETWEEN :p AND :z AND x = :n", &kComposite, "Conditions can be of length 1 or 2 only"},
      {"pk = :bool", &kComposite, type},
      {"pk = :e", &kComposite, empty + "string value. Key: pk"},
      {"pk = :p AND sk = :e", &kComposite, empty + "string value. Key: sk"},
      {"pk = :n AND sk = :eb", &kNumeric, empty + "binary value. Key: sk"},
      {"pk = :long", &kHashOnly,
       "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit "
       "of2048 "
       "bytes"},
      {"pk = :p AND sk = :long", &kComposite,
       "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size "
       "limit "
       "of 1024 bytes"},
      {"p1 = :p", &kWide, "Query condition missed key schema element: p2"},
      {"p1 = :p AND p2 > :q", &kWide, "Query key condition not supported"},
      {"p1 = :p AND p2 = :q AND x = :q", &kWide, "Query condition missed key schema element: s1"},
      {"p1 = :p AND p2 = :q AND s2 = :q", &kWide,
       "RANGE key attributes s1 must have equality conditions specified in the query because a condition is "
       "present on key attribute s2"},
      {"p1 = :p AND p2 = :q AND s1 = :q AND s3 = :z", &kWide,
       "RANGE key attributes s2 must have equality conditions specified in the query because a condition is "
       "present on key attribute s3"},
      {"p1 = :p AND p2 = :q AND s1 > :q AND s2 = :z", &kWide,
       "RANGE key attributes s1 must have equality conditions specified in the query because a condition is "
       "present on key attribute s2"},
      {"p1 = :p AND p2 = :p AND s1 = :p AND s2 = :p AND s3 = :p AND x = :p", &kWide,
       "The number of query conditions (6) exceeds the number of key attributes defined in the schema (5)"},
  }));
  INFO(c.text);
  CHECK(check(c.text, *c.schema) == c.message);
}

std::string bytes(const std::vector<model::KeyPart>& parts) {
  std::string text;
  for (const auto& part : parts) text += part.sort_bytes + "|";
  return text;
}

TEST_CASE("key conditions bind to the schema") {
  struct Case {
    const char* text;
    const model::KeySchema* schema;
    const char* partition;
    const char* equal_prefix;
    KeyOperator op;
    const char* low;
    const char* high;
  };
  const auto c = GENERATE(values<Case>({
      {"pk = :p", &kHashOnly, "part|", "", KeyOperator::kNone, "", ""},
      {"pk = :p", &kComposite, "part|", "", KeyOperator::kNone, "", ""},
      {"#pk = :p AND sk = :q", &kComposite, "part|", "", KeyOperator::kEqual, "sort", ""},
      {"(sk = :q) and (:p = pk)", &kComposite, "part|", "", KeyOperator::kEqual, "sort", ""},
      {"(pk = :p AND (sk < :q))", &kComposite, "part|", "", KeyOperator::kLess, "sort", ""},
      {"pk = :p AND sk <= :q", &kComposite, "part|", "", KeyOperator::kLessOrEqual, "sort", ""},
      {"pk = :p AND sk > :q", &kComposite, "part|", "", KeyOperator::kGreater, "sort", ""},
      {"pk = :p AND sk >= :q", &kComposite, "part|", "", KeyOperator::kGreaterOrEqual, "sort", ""},
      {"pk = :p AND :q < sk", &kComposite, "part|", "", KeyOperator::kGreater, "sort", ""},
      {"pk = :p AND :q <= sk", &kComposite, "part|", "", KeyOperator::kGreaterOrEqual, "sort", ""},
      {"pk = :p AND :q > sk", &kComposite, "part|", "", KeyOperator::kLess, "sort", ""},
      {"pk = :p AND :q >= sk", &kComposite, "part|", "", KeyOperator::kLessOrEqual, "sort", ""},
      {"pk = :p AND sk BETWEEN :q AND :z", &kComposite, "part|", "", KeyOperator::kBetween, "sort", "z"},
      {"pk = :p AND begins_with(sk, :q)", &kComposite, "part|", "", KeyOperator::kBeginsWith, "sort", ""},
      {"p1 = :p AND p2 = :q", &kWide, "part|sort|", "", KeyOperator::kNone, "", ""},
      {"p2 = :q AND p1 = :p AND s1 = :z", &kWide, "part|sort|", "", KeyOperator::kEqual, "z", ""},
      {"p1 = :p AND p2 = :q AND s2 > :q AND s1 = :z", &kWide, "part|sort|", "z|", KeyOperator::kGreater,
       "sort", ""},
      {"p1 = :p AND p2 = :q AND s1 = :z AND s2 = :q AND s3 BETWEEN :p AND :z", &kWide, "part|sort|",
       "z|sort|", KeyOperator::kBetween, "part", "z"},
  }));
  INFO(c.text);
  Substitutions substitutions = key_substitutions();
  const auto conditions = compile_key_condition(c.text, substitutions);
  REQUIRE(outcome(conditions) == "ok");
  const auto bound = bind(*conditions, *c.schema, model::Wording::kClassic);
  REQUIRE(outcome(bound) == "ok");
  CHECK(bytes(bound->partition) == c.partition);
  CHECK(bytes(bound->equal_prefix) == c.equal_prefix);
  CHECK(bound->op == c.op);
  CHECK(bound->low.sort_bytes == c.low);
  CHECK(bound->high.sort_bytes == c.high);
}

TEST_CASE("numbers and binaries keep their type as key parts") {
  Substitutions substitutions = key_substitutions();
  const auto conditions = compile_key_condition("pk = :n AND sk >= :b", substitutions);
  REQUIRE(outcome(conditions) == "ok");
  const auto bound = bind(*conditions, kNumeric, model::Wording::kClassic);
  REQUIRE(outcome(bound) == "ok");
  CHECK(bound->partition[0] == model::key_part_of({model::Number::from_int(7)}));
  CHECK(bound->low == model::KeyPart{KeyType::kBinary, "\x01"});
}

TEST_CASE("no conditions at all") {
  CHECK(outcome(bind(KeyConditions{}, kComposite, model::Wording::kClassic)) ==
        "Conditions can be of length 1 or 2 only");
}

}  // namespace
}  // namespace tidemark::api::expression

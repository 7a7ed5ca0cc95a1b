#include "api/expression/evaluate.h"

#include <string>

#include "tests/unit/api/expression/support.h"

namespace tidemark::api::expression {
namespace {

constexpr std::string_view kItem = R"({
  "str":{"S":"hello"},"wide":{"S":"aü😀"},"blank":{"S":""},"num":{"N":"10"},"bin":{"B":"AQID"},
  "yes":{"BOOL":true},"nope":{"BOOL":false},"nil":{"NULL":true},
  "ss":{"SS":["x","y"]},"ns":{"NS":["1","2.50"]},"bs":{"BS":["AQ==","Ag=="]},
  "li":{"L":[{"S":"first"},{"N":"2"},{"M":{"deep":{"S":"here"}}}]},
  "mp":{"M":{"k":{"S":"v"},"n":{"N":"1"}}},"x.y":{"S":"dotted"}})";

// Values that the conditions below use. Only those that stand in the text are substituted.
Condition compile(std::string_view text) {
  Substitutions substitutions = substitutions_of(
      R"({"#dot":"x.y"})",
      R"({":hello":{"S":"hello"},":he":{"S":"he"},":zz":{"S":"zz"},":e":{"S":""},":n1":{"N":"1"},":n2":{"N":"2"},
          ":n3":{"N":"3"},":n4":{"N":"4"},":n5":{"N":"5"},":n10":{"N":"10.0"},":n20":{"N":"20"},
          ":b1":{"B":"AQ=="},":b12":{"B":"AQI="},":b123":{"B":"AQID"},":b9":{"B":"CQ=="},
          ":true":{"BOOL":true},":nil":{"NULL":true},":x":{"S":"x"},":n25":{"N":"2.5"},":first":{"S":"first"},
          ":ssyx":{"SS":["y","x"]},":ssx":{"SS":["x"]},":ns":{"NS":["2.5","1.0"]},
          ":map":{"M":{"n":{"N":"1.0"},"k":{"S":"v"}}},":inner":{"M":{"deep":{"S":"here"}}},
          ":list":{"L":[{"S":"first"},{"N":"2"},{"M":{"deep":{"S":"here"}}}]},":rev":{"L":[{"N":"2"},{"S":"first"}]},
          ":S":{"S":"S"},":N":{"S":"N"},":NULL":{"S":"NULL"},":BOOL":{"S":"BOOL"},":L":{"S":"L"},":SS":{"S":"SS"},
          ":v":{"S":"v"},":dotted":{"S":"dotted"},":here":{"S":"here"}})");
  auto condition = compile_condition(ExpressionKind::kCondition, text, substitutions);
  INFO(text << ": " << outcome(condition));
  REQUIRE(condition.has_value());
  return std::move(*condition);
}

TEST_CASE("conditions on an item") {
  struct Case {
    const char* text;
    bool expected;
  };
  const auto c = GENERATE(values<Case>({
      // Equality is deep and by value.
      {"str = :hello", true},
      {"str = :he", false},
      {":hello = str", true},
      {"num = :n10", true},
      {"num = :hello", false},
      {"ss = :ssyx", true},
      {"ss = :ssx", false},
      {"ns = :ns", true},
      {"mp = :map", true},
      {"li = :list", true},
      {"li = :rev", false},
      {"yes = :true", true},
      {"nope = :true", false},
      {"nil = :nil", true},
      {"blank = :e", true},
      {"str <> :hello", false},
      {"str <> :he", true},
      {"str <> :n1", true},
      // Missing attributes.
      {"gone = :n1", false},
      {"gone <> :n1", true},
      {"gone < :n1", false},
      {"gone >= :n1", false},
      {"gone = lost", false},
      {"gone <> lost", true},
      {"NOT gone = :n1", true},
      {"gone BETWEEN :n1 AND :n2", false},
      {"gone IN (:n1)", false},
      // Order, within one type only.
      {"num < :n20", true},
      {"num < :n10", false},
      {"num <= :n10", true},
      {"num > :n5", true},
      {"num >= :n20", false},
      {"str < :zz", true},
      {"str > :he", true},
      {"str > :n1", false},
      {"str < :n1", false},
      {"NOT str < :n1", true},
      {"bin > :b12", true},
      {"bin < :b9", true},
      {"yes < num", false},
      {"num BETWEEN :n1 AND :n20", true},
      {"num BETWEEN :n10 AND :n10", true},
      {"num BETWEEN :n1 AND :n2", false},
      {"str BETWEEN :n1 AND :n2", false},
      {":n5 BETWEEN mp.n AND num", true},
      // IN
      {"num IN (:n1, :n10)", true},
      {"num IN (:n1, :n2)", false},
      {"num IN (:n1, num)", true},
      {"str IN (gone, :hello)", true},
      // Functions
      {"attribute_exists(str)", true},
      {"attribute_exists(nil)", true},
      {"attribute_exists(mp.k)", true},
      {"attribute_exists(mp.gone)", false},
      {"attribute_exists(li[2].deep)", true},
      {"attribute_exists(li[3])", false},
      {"attribute_exists(li.k)", false},
      {"attribute_exists(mp[0])", false},
      {"attribute_exists(str.k)", false},
      {"attribute_not_exists(gone)", true},
      {"attribute_not_exists(str)", false},
      {"attribute_not_exists(mp.k.deeper)", true},
      {"attribute_type(str, :S)", true},
      {"attribute_type(str, :N)", false},
      {"attribute_type(nil, :NULL)", true},
      {"attribute_type(yes, :BOOL)", true},
      {"attribute_type(li, :L)", true},
      {"attribute_type(ss, :SS)", true},
      {"attribute_type(gone, :S)", false},
      {"begins_with(str, :he)", true},
      {"begins_with(str, :e)", true},
      {"begins_with(str, :zz)", false},
      {"begins_with(bin, :b12)", true},
      {"begins_with(bin, :b9)", false},
      {"begins_with(bin, :he)", false},
      {"begins_with(num, :he)", false},
      {"begins_with(gone, :he)", false},
      {"contains(str, :he)", true},
      {"contains(str, :zz)", false},
      {"contains(str, :n1)", false},
      {"contains(ss, :x)", true},
      {"contains(ss, :zz)", false},
      {"contains(ns, :n25)", true},
      {"contains(ns, :n2)", false},
      {"contains(bs, :b1)", true},
      {"contains(bs, :b9)", false},
      {"contains(bs, :x)", false},
      {"contains(bin, :b12)", true},
      {"contains(li, :first)", true},
      {"contains(li, :n2)", true},
      {"contains(li, :inner)", true},
      {"contains(li, :zz)", false},
      {"contains(mp, :x)", false},
      {"contains(gone, :x)", false},
      {"contains(ss, gone)", false},
      // Sizes: UTF-16 code units, bytes, members.
      {"size(str) = :n5", true},
      {"size(wide) = :n4", true},
      {"size(bin) = :n3", true},
      {"size(ss) = :n2", true},
      {"size(ns) = :n2", true},
      {"size(bs) = :n2", true},
      {"size(li) = :n3", true},
      {"size(mp) = :n2", true},
      {"size(num) = :n2", false},
      {"size(num) <> :n2", true},
      {"size(yes) > :n1", false},
      {"size(gone) >= :n1", false},
      {"size(:hello) = :n5", true},
      {"size(ss) < size(li)", true},
      {"size(str) IN (:n4, :n5)", true},
      // Paths
      {"li[0] = :first", true},
      {"li[2].deep = :here", true},
      {"mp.k = :v", true},
      {"#dot = :dotted", true},
      // Precedence: NOT, AND, OR.
      {"str = :he OR num = :n10 AND yes = :true", true},
      {"(str = :he OR num = :n10) AND nope = :true", false},
      {"NOT str = :he AND num = :n10", true},
      {"NOT (str = :hello AND num = :n10)", false},
      {"NOT NOT str = :hello", true},
      {"str = :he AND num = :n10 OR yes = :true", true},
  }));
  INFO(c.text);
  const Condition condition = compile(c.text);
  const model::AttributeMap item = item_of(kItem);
  CHECK(holds(condition, &item) == c.expected);
  // The way without the whole tree sees the same.
  const auto on_text = holds(condition, text_of(item));
  REQUIRE(on_text.has_value());
  CHECK(*on_text == c.expected);
}

// A search that is not linear takes minutes for this.
TEST_CASE("contains on long texts of one letter comes to an end") {
  constexpr std::size_t kTextBytes = 400'000;
  constexpr int kOperators = 140;
  const std::string wanted = std::string(kTextBytes / 2, 'a') + 'b';
  std::string text = "contains(t, :v)";
  for (int i = 1; i < kOperators; ++i) text += " OR contains(t, :v)";
  Substitutions substitutions = substitutions_of("", R"({":v":{"S":")" + wanted + R"("}})");
  const auto condition = compile_condition(ExpressionKind::kCondition, text, substitutions);
  REQUIRE(condition.has_value());
  const model::AttributeMap without = item_of(R"({"t":{"S":")" + std::string(kTextBytes, 'a') + R"("}})");
  CHECK_FALSE(holds(*condition, &without));
  const model::AttributeMap with = item_of(R"({"t":{"S":")" + std::string(kTextBytes, 'a') + R"(b"}})");
  CHECK(holds(*condition, &with));
}

TEST_CASE("conditions where there is no item") {
  CHECK_FALSE(holds(compile("attribute_exists(pk)"), nullptr));
  CHECK(holds(compile("attribute_not_exists(pk)"), nullptr));
  CHECK_FALSE(holds(compile("pk = :n1"), nullptr));
  CHECK(holds(compile("pk <> :n1"), nullptr));
  CHECK(holds(compile("NOT pk > :n1"), nullptr));
  CHECK(holds(compile("size(:hello) = :n5"), nullptr));
}

TEST_CASE("only what is mentioned is extracted") {
  const Condition condition = compile("b.c = :n1 AND (a = :n1 OR size(zzz) > :n1) AND b.d IN (a)");
  const auto names = referenced_attributes(condition);
  CHECK(names == std::vector<std::string>{"a", "b", "zzz"});
  const auto item = extract(R"({"a":{"N":"1"},"b":{"M":{"c":{"S":"x"}}},"c":{"S":"no"}})", names);
  REQUIRE(item.has_value());
  CHECK(text_of(*item) == R"({"a":{"N":"1"},"b":{"M":{"c":{"S":"x"}}}})");
}

TEST_CASE("text that is no item is an error and not a crash") {
  CHECK_FALSE(holds(compile("a = :n1"), R"({"a":{"Q":"1"}})").has_value());
}

}  // namespace
}  // namespace tidemark::api::expression

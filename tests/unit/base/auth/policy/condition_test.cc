#include "base/auth/policy/condition.h"

#include "base/address.h"
#include "tests/support/catch.h"
#include "tests/unit/base/auth/policy/fixed_keys.h"

namespace tidemark::auth {
namespace {

using Values = std::vector<std::string>;

bool holds(const std::string& op, const std::optional<Values>& given, const Values& wanted) {
  const auto parsed = parse_condition_operator(op);
  REQUIRE(parsed);
  Condition condition{*parsed, "aws:key", {}};
  for (const std::string& text : wanted) condition.values.emplace_back(text, true);
  std::map<std::string, Values> keys = {{"aws:username", {"ann*"}}};
  if (given) keys["aws:key"] = *given;
  return condition.holds(FixedKeys(std::move(keys)));
}

}  // namespace

TEST_CASE("one value against those of a condition") {
  struct Case {
    const char* op;
    const char* given;
    Values wanted;
    bool holds;
  };
  const auto c = GENERATE(values<Case>({
      {"StringEquals", "a", {"a"}, true},
      {"StringEquals", "a", {"b", "a"}, true},
      {"StringEquals", "a", {"A"}, false},
      {"StringEquals", "a*", {"a*"}, true},
      {"StringEquals", "ab", {"a*"}, false},
      {"StringEquals", "a", {}, false},
      {"StringNotEquals", "a", {"b", "c"}, true},
      {"StringNotEquals", "a", {"b", "a"}, false},
      {"StringEqualsIgnoreCase", "aB", {"Ab"}, true},
      {"StringNotEqualsIgnoreCase", "aB", {"Ab"}, false},
      {"StringLike", "abc", {"a*"}, true},
      {"StringLike", "abc", {"a?"}, false},
      {"StringNotLike", "abc", {"a*"}, false},
      {"StringNotLike", "abc", {"b*"}, true},
      {"StringEquals", "home/ann*/x", {"home/${aws:username}/x"}, true},
      {"StringLike", "home/ann*/x", {"home/${aws:username}/*"}, true},
      {"StringLike", "home/anna/x", {"home/${aws:username}/*"}, false},
      {"StringLike", "a*c", {"a${*}c"}, true},
      {"StringLike", "abc", {"a${*}c"}, false},
      {"StringEquals", "x-none", {"x-${aws:nothing, 'none'}"}, true},
      {"StringEquals", "x-", {"x-${aws:nothing}"}, false},
      {"StringNotEquals", "x-", {"x-${aws:nothing}"}, true},
      {"NumericEquals", "10", {"10.0"}, true},
      {"NumericNotEquals", "10", {"11"}, true},
      {"NumericLessThan", "9", {"10"}, true},
      {"NumericLessThan", "10", {"10"}, false},
      {"NumericLessThanEquals", "10", {"10"}, true},
      {"NumericGreaterThan", "11", {"10"}, true},
      {"NumericGreaterThanEquals", "9", {"10"}, false},
      {"NumericLessThan", "ten", {"10"}, false},
      {"NumericLessThan", "9", {"ten"}, false},
      {"DateGreaterThan", "2026-01-02T00:00:00Z", {"2026-01-01T00:00:00Z"}, true},
      {"DateLessThan", "2026-01-02T00:00:00Z", {"2026-01-02"}, false},
      {"DateEquals", "2026-01-02T00:00:00Z", {"2026-01-02"}, true},
      {"DateEquals", "2026-01-02T00:00:00Z", {"2026-01-02T01:30+01:30"}, true},
      {"DateLessThanEquals", "2026-01-01T00:00:00Z", {"1767225600"}, true},
      {"DateNotEquals", "2026-01-01T00:00:00Z", {"2026-01-01T00:00:00.5Z"}, true},
      {"DateGreaterThanEquals", "2026-01-01T00:00:00Z", {"no date"}, false},
      {"Bool", "true", {"True"}, true},
      {"Bool", "false", {"true"}, false},
      {"BinaryEquals", "YQ==", {"YQ=="}, true},
      {"IpAddress", "10.1.2.3", {"10.0.0.0/8"}, true},
      {"IpAddress", "11.1.2.3", {"10.0.0.0/8", "11.1.2.3"}, true},
      {"IpAddress", "11.1.2.3", {"10.0.0.0/7"}, true},
      {"IpAddress", "12.1.2.3", {"10.0.0.0/7"}, false},
      {"IpAddress", "1.2.3.4", {"0.0.0.0/0"}, true},
      {"IpAddress", "::1", {"0.0.0.0/0"}, false},
      {"IpAddress", "2001:db8::5", {"2001:db8::/32"}, true},
      {"IpAddress", "::ffff:10.1.2.3", {"10.0.0.0/8"}, true},
      {"IpAddress", "10.1.2.3", {"::ffff:10.0.0.0/104"}, true},
      {"IpAddress", "nowhere", {"10.0.0.0/8"}, false},
      {"NotIpAddress", "10.1.2.3", {"10.0.0.0/8"}, false},
      {"NotIpAddress", "12.1.2.3", {"10.0.0.0/8"}, true},
      {"ArnLike", "arn:aws:iam::123456789012:user/ann", {"arn:aws:iam::*:user/*"}, true},
      {"ArnEquals", "arn:aws:iam::123456789012:user/ann", {"arn:aws:iam::123456789012:role/*"}, false},
      {"ArnNotLike", "arn:aws:iam::123456789012:user/ann", {"arn:aws:iam::*:root"}, true},
      {"ArnLike", "ann", {"*"}, false},
      {"Null", "a", {"false"}, true},
      {"Null", "a", {"true"}, false},
      {"StringEqualsIfExists", "a", {"a"}, true},
      {"StringEqualsIfExists", "a", {"b"}, false},
  }));
  INFO(c.op << " " << c.given);
  CHECK(holds(c.op, Values{c.given}, c.wanted) == c.holds);
}

TEST_CASE("a key that the request does not have") {
  struct Case {
    const char* op;
    bool holds;
  };
  const auto c = GENERATE(values<Case>({
      {"StringEquals", false},
      {"StringLike", false},
      {"StringNotEquals", true},
      {"StringNotLike", true},
      {"IpAddress", false},
      {"NotIpAddress", true},
      {"ArnNotLike", true},
      {"StringEqualsIfExists", true},
      {"BoolIfExists", true},
      {"NumericLessThan", false},
      {"ForAllValues:StringEquals", true},
      {"ForAnyValue:StringEquals", false},
      {"ForAnyValue:StringNotEquals", false},
      {"ForAnyValue:StringEqualsIfExists", false},
  }));
  INFO(c.op);
  CHECK(holds(c.op, std::nullopt, {"a"}) == c.holds);
  CHECK(holds("Null", std::nullopt, {"true"}));
  CHECK_FALSE(holds("Null", std::nullopt, {"false"}));
}

TEST_CASE("keys with several values") {
  struct Case {
    const char* op;
    Values given;
    bool holds;
  };
  const auto c = GENERATE(values<Case>({
      {"ForAllValues:StringEquals", {"a", "b"}, true},
      {"ForAllValues:StringEquals", {"a", "x"}, false},
      {"ForAllValues:StringNotEquals", {"x", "y"}, true},
      {"ForAllValues:StringNotEquals", {"x", "a"}, false},
      {"ForAnyValue:StringEquals", {"x", "a"}, true},
      {"ForAnyValue:StringEquals", {"x", "y"}, false},
      {"ForAnyValue:StringNotEquals", {"x", "a"}, true},
      {"ForAnyValue:StringNotEquals", {"a", "b"}, false},
      {"StringEquals", {"x", "a"}, true},
      {"StringNotEquals", {"x", "a"}, false},
      {"StringNotEquals", {"x", "y"}, true},
  }));
  INFO(c.op);
  CHECK(holds(c.op, c.given, {"a", "b"}) == c.holds);
}

TEST_CASE("operators that there are not") {
  for (const char* name : {"", "StringEqual", "stringequals", "ForAllValues:", "IfExists", "NullIfExists",
                           "ForSomeValues:StringEquals", "DateSoon"}) {
    INFO(name);
    CHECK_FALSE(parse_condition_operator(name));
  }
}

TEST_CASE("addresses that are none") {
  for (const char* text :
       {"", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "::1/129", "a.b.c.d", "1.2.3.4/8x"}) {
    INFO(text);
    CHECK_FALSE(parse_address_range(text));
  }
}

}  // namespace tidemark::auth
